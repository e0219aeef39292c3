-- How the instances of promises stand.
select promise, state, count(*) as instances
from instances
where promise in ({promises}) and ({due})
group by promise, state
