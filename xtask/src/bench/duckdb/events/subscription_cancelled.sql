select
    native_key, line, cancelled_at as "at",
    coalesce(identifier_of('customer', customer), identifier_of('email', email)) as identifier,
    case when customer is not null then identifier_of('email', email) end as others,
    native_key as about, at_period_end
from fresh
where cancelled_at is not null
