-- The signs that events of one kind give: 0 begins, 1 ends, 2 lives. What begins may say something of a segment.
select
    identifier,
    at,
    cast({meaning} as tinyint) as meaning,
    hash64(about) as contract,
    cast(({reason}) as varchar) as reason,
    cast(({said}
    ) as varchar) as said
from kind."{kind}"
where ({condition})
