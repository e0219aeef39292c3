select
    native_key, line, first_reply_at as "at",
    coalesce(identifier_of('requester', requester), identifier_of('email', email)) as identifier,
    case when requester is not null then identifier_of('email', email) end as others,
    native_key as about
from fresh
where first_reply_at is not null
