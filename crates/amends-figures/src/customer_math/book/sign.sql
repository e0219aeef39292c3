-- The signs that events of one kind give: 0 begins, 1 ends, 2 lives.
select
    identifier,
    at,
    cast({meaning} as tinyint) as meaning,
    hash64(about) as contract,
    cast(({reason}) as varchar) as reason
from kind."{kind}"
where ({condition})
