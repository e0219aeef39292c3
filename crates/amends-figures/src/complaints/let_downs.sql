-- What was let down, at which touchpoint, and when that could have been known first, whatever promises say so.
select about, touchpoint, min(cast(coalesce(could_have_known, due_at) as bigint)) as known_at
from let_downs
where promise in ({promises})
group by about, touchpoint
