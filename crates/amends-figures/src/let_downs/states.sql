-- How the instances of promises stand.
select promise, {state} as state, count(*) as instances
from instances
where promise in ({promises}) and ({exposed})
group by promise, {state}
