-- The signs of everybody that is counted, one customer after the other, each in order of time.
select
    customers.{counted} as customer,
    signs.at as at,
    signs.meaning as meaning,
    signs.contract as contract,
    signs.reason as reason
from (
{signs}
) as signs
join customers on customers.identifier = signs.identifier
where customers.{counted} is not null and ({whose})
order by customer, at
