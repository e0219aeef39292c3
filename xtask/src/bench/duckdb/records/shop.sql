create or replace temp table records as
select
    *,
    row_number() over () as line,
    placed_at is null
        or coalesce(customer, email) is null
        or (cancelled_cell is not null and cancelled_at is null)
        or (promised_cell is not null and promised_delivery is null) as unreadable
from (
    select
        order_id as native_key,
        empty_is_null(customer_id) as customer,
        lower(empty_is_null(email)) as email,
        empty_is_null(cancelled_at) as cancelled_cell,
        empty_is_null(promised_delivery) as promised_cell,
        try_strptime(placed_at, '%Y-%m-%d %H:%M:%S %z') as placed_at,
        try_cast(promised_delivery as date) as promised_delivery,
        depot,
        product_category,
        cents(total_price) as amount,
        currency,
        try_strptime(empty_is_null(cancelled_at), '%Y-%m-%d %H:%M:%S %z') as cancelled_at,
        empty_is_null(cancelled_by) as cancelled_by
    from read_csv(
        '{company}/orders.csv',
        header = true, delim = ',', quote = '"', escape = '"', auto_detect = false,
        store_rejects = true, rejects_table = 'shop_rejects', rejects_scan = 'shop_scans',
        columns = {
            'order_id': 'varchar', 'customer_id': 'varchar', 'email': 'varchar', 'placed_at': 'varchar',
            'promised_delivery': 'varchar', 'depot': 'varchar', 'product_category': 'varchar',
            'total_price': 'varchar', 'currency': 'varchar', 'cancelled_at': 'varchar', 'cancelled_by': 'varchar'
        }
    )
)
