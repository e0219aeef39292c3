select
    native_key, line, referred_at as "at", identifier_of('email', email) as identifier,
    native_key as about, campaign
from fresh
where referred_at is not null
