-- The same of one kind of event.
select
    identifier,
    at,
    cast(({value}
    ) as varchar) as value
from kind."{kind}"
where ({condition})
