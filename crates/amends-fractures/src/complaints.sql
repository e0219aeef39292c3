-- Complaints of one kind of event: by whom, when, about what.
select {counted} as counted, cast(events.at as bigint) as at, events.about
from (select identifier, at, about from kind."{kind}" where ({condition})) as events
join customers on customers.identifier = events.identifier
