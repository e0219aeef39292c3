select
    native_key, line, solved_at as "at",
    coalesce(identifier_of('requester', requester), identifier_of('email', email)) as identifier,
    case when requester is not null then identifier_of('email', email) end as others,
    native_key as about, satisfaction_score as satisfaction
from fresh
where solved_at is not null and tags is null
