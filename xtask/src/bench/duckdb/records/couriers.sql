-- A line that is no JSON becomes a row of nulls.
create or replace temp table records as
select
    delivery_id as native_key,
    o.customer,
    o.email,
    d."order".id as about,
    carrier,
    depot,
    try_cast(delivered_at as timestamptz) as delivered_at,
    try_cast(attempts as bigint) as attempts,
    to_json({'order.parcels': d."order".parcels}) as rest,
    row_number() over () as line,
    delivery_id is null
        or try_cast(delivered_at as timestamptz) is null
        or coalesce(o.customer, o.email) is null as unreadable
from read_json(
    '{company}/deliveries.jsonl',
    format = 'newline_delimited', ignore_errors = true,
    columns = {
        'delivery_id': 'varchar', 'order': 'struct(id varchar, parcels varchar)', 'carrier': 'varchar',
        'depot': 'varchar', 'delivered_at': 'varchar', 'attempts': 'varchar'
    }
) as d
left join (
    select order_id, max(empty_is_null(customer_id)) as customer, lower(max(empty_is_null(email))) as email
    from read_csv(
        '{company}/orders.csv',
        header = true, delim = ',', quote = '"', escape = '"', auto_detect = false, ignore_errors = true,
        columns = {
            'order_id': 'varchar', 'customer_id': 'varchar', 'email': 'varchar', 'placed_at': 'varchar',
            'promised_delivery': 'varchar', 'depot': 'varchar', 'product_category': 'varchar',
            'total_price': 'varchar', 'currency': 'varchar', 'cancelled_at': 'varchar', 'cancelled_by': 'varchar'
        }
    )
    group by order_id
) as o on o.order_id = d."order".id
