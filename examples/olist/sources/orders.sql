-- One row an order. Lists are sorted, so that the same order reads the same in every export.
with parts as (
    select
        items.order_id,
        array_sort(array_agg(distinct items.seller_id)) as sellers,
        count(distinct items.seller_id) as seller_count,
        array_sort(array_agg(distinct sellers.seller_state)) as seller_states,
        array_sort(array_agg(distinct coalesce(translation.product_category_name_english, products.product_category_name, ''))) as categories,
        max(items.shipping_limit_date) as shipping_limit,
        sum(items.price) + sum(items.freight_value) as total
    from items
    left join sellers on sellers.seller_id = items.seller_id
    left join products on products.product_id = items.product_id
    left join translation on translation.product_category_name = products.product_category_name
    group by items.order_id
)
select
    o.*,
    customers.customer_unique_id,
    customers.customer_state,
    o.order_estimated_delivery_date + interval '1 day' as day_after_estimate,
    parts.sellers,
    parts.seller_count,
    parts.seller_states,
    parts.categories,
    parts.shipping_limit,
    parts.total
from orders as o
left join customers on customers.customer_id = o.customer_id
left join parts on parts.order_id = o.order_id
