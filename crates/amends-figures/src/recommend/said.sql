-- Who was named by events of some kinds up to the end of a period: when first in it, and when first ever. Null: somebody who is not counted.
select
    tag,
    customer,
    min(at) filter (where in_period) as first,
    min(at) as ever
from (
    select
        tag,
        {counted}_of(identifier) as customer,
        cast(at as bigint) as at,
        at >= {from} as in_period
    from (
{events}
    ) as events
    where at < {until}
) as said
group by tag, customer
