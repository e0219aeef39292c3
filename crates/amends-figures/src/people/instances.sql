-- The instances of one promise of a period that stand in some states, whose they are, and when what is counted of them happened: a customer without an account by themselves.
select coalesce({counted}, customer) as customer, about, state, {at} as at
from instances
where promise in ({promise}) and state in ({states}) and ({due})
order by customer, at, about
