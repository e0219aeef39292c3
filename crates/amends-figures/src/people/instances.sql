-- The instances of one promise that came due in a period and stand in some states, and whose they are: a customer without an account by themselves.
select coalesce({counted}, customer) as customer, about, state, due_at, could_have_known
from instances
where promise in ({promise}) and state in ({states}) and ({due})
order by customer, due_at, about
