select
    native_key, line, started_at as "at",
    coalesce(identifier_of('customer', customer), identifier_of('email', email)) as identifier,
    case when customer is not null then identifier_of('email', email) end as others,
    native_key as about, amount, currency, plan, interval, rest
from fresh
where started_at is not null
