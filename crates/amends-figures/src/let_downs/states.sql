-- How the instances of one promise stand.
select state, count(*) as instances
from instances
where promise = {promise} and ({due})
group by state
