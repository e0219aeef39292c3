-- The beginnings or ends that events of one kind tell, in everything that was imported.
select source, identifier, about, cast({meaning} as bigint) as meaning
from imported."{kind}"
where ({condition})
