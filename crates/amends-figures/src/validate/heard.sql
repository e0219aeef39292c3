-- What was said in events of one kind: by whom, when, about what, and whether it is a complaint.
select {counted} as counted, cast(said.at as bigint) as at, said.about, said.complains
from (select identifier, at, about, coalesce({complains}, false) as complains from kind."{kind}") as said
join customers on customers.identifier = said.identifier
