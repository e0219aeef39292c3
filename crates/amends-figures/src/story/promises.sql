-- The promises made to one customer, and how they stand.
select promise, about, state, due_at, closed_at, could_have_known, serious
from instances
where identifier in ({identifiers}) and {counted} = {customer} and promise in ({promises}) and state in ('overdue', 'late', 'broken', 'beaten')
order by opened_at, promise, about
