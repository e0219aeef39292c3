-- Complaints of one kind of event: who tells of each, when, about what, of which service.
select source, cast(at as bigint) as at, about, cast({service} as varchar) as service
from kind."{kind}"
where ({condition})
