-- The instances of one promise, and when each let its customer down could have been known.
select
    about,
    {counted} as counted,
    cast(opened_at as bigint) as opened_at,
    cast(due_at as bigint) as due_at,
    case when state in ('overdue', 'late', 'broken') then cast(coalesce(could_have_known, due_at) as bigint) end as known_at,
    attributes,
    state = 'excused' as is_excused
from instances
where promise = {promise}
