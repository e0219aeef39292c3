-- The signs of everybody that is counted, in any order.
select
    customers.{counted} as customer,
    signs.at as at,
    signs.meaning as meaning,
    signs.contract as contract,
    signs.reason as reason,
    signs.said as said
from (
{signs}
) as signs
join customers on customers.identifier = signs.identifier
where customers.{counted} is not null and ({whose})
