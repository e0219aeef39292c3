-- Whom one promise let down, how often, and since when that could have been known.
select
    {counted} as customer,
    count(*) as times,
    min(cast(coalesce(could_have_known, due_at) as bigint)) as first,
    min(about) as about
from let_downs
where promise = {promise} and {counted} is not null and ({due})
group by {counted}
