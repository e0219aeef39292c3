-- Whom promises let down: how often in the instances that came due in a period, and since when each was known, then and ever.
select
    promise,
    customer,
    count(*) filter (where {due}) as times,
    min(known) filter (where {due}) as first,
    min(about) filter (where {due}) as about,
    min(known) as ever
from (
    select
        promise,
        {counted} as customer,
        about,
        due_at,
        cast(coalesce(could_have_known, due_at) as bigint) as known
    from let_downs
    where promise in ({promises}) and {counted} is not null
)
group by promise, customer
