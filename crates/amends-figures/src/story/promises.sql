-- The promises made to one customer that were not simply kept.
select promise, about, state, opened_at, due_at, closed_at, could_have_known, serious
from instances
where {counted} = {customer} and promise = {promise}
order by opened_at, about
