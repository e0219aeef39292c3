select
    native_key, line, ended_at as "at",
    coalesce(identifier_of('customer', customer), identifier_of('email', email)) as identifier,
    case when customer is not null then identifier_of('email', email) end as others,
    native_key as about, plan, reason
from fresh
where ended_at is not null
