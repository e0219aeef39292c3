-- Who was named by events of some kinds up to the end of a period: when first in it, and when first ever.
select
    events.tag,
    customers.{counted} as customer,
    min(cast(events.at as bigint)) filter (where events.at >= {from}) as first,
    min(cast(events.at as bigint)) as ever
from (
{events}
) as events
join customers on customers.identifier = events.identifier
where customers.{counted} is not null and events.at < {until}
group by events.tag, customers.{counted}
