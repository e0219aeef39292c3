select
    native_key, line, placed_at as "at",
    coalesce(identifier_of('customer', customer), identifier_of('email', email)) as identifier,
    case when customer is not null then identifier_of('email', email) end as others,
    native_key as about, amount, currency, promised_delivery, depot, product_category
from fresh
where placed_at is not null
