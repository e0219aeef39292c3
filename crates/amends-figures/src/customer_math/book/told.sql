-- How many beginnings (meaning 0) and ends (1) of contracts each source has told of.
select
    source,
    count(*) filter (where meaning = 0) as begun,
    count(*) filter (where meaning = 1) as ended
from (
{signs}
) as signs
group by source
order by source
