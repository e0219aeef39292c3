select
    native_key, line, created_at as "at",
    coalesce(identifier_of('requester', requester), identifier_of('email', email)) as identifier,
    case when requester is not null then identifier_of('email', email) end as others,
    native_key as about, via_channel as channel, priority, rest
from fresh
where created_at is not null
