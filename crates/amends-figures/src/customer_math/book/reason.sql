-- The reasons that leaving events of one kind state.
select cast(({reason}) as varchar) as reason
from kind."{kind}"
where ({condition})
