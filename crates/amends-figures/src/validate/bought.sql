-- When customers did what makes somebody a customer.
select {counted} as counted, cast(bought.at as bigint) as at
from (select identifier, at from kind."{kind}" where ({condition})) as bought
join customers on customers.identifier = bought.identifier
