select
    native_key, line, answered_at as "at", identifier_of('email', email) as identifier,
    native_key as about, score, survey
from fresh
where answered_at is not null
