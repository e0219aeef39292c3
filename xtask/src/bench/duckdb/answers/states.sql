-- How many instances of a promise stand in each state.
select state, count(*) as instances
from ({instances})
group by state
order by state
