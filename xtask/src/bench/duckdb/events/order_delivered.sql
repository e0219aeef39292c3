select
    native_key, line, delivered_at as "at",
    coalesce(identifier_of('customer', customer), identifier_of('email', email)) as identifier,
    case when customer is not null then identifier_of('email', email) end as others,
    about, carrier, depot as delivered_from, attempts, rest
from fresh
where delivered_at is not null
