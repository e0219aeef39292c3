-- Each stated reason as it is spelled, and how often.
select reason, hash64(reason) as hash, count(*) as times
from (
{reasons}
)
where reason is not null
group by reason
