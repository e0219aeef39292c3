-- Who was named by events of some kinds within a stretch of time, and when first.
select customers.{counted} as customer, min(cast(at as bigint)) as first
from (
{events}
) as events
join customers on customers.identifier = events.identifier
where customers.{counted} is not null
  and events.at >= {from} and events.at < {until}
group by customers.{counted}
