-- What every event that makes somebody a customer says of a segment, in order of customer and time.
select
    customers.{counted} as customer,
    begun.at as at,
    begun.value as value
from (
{begun}
) as begun
join customers on customers.identifier = begun.identifier
where customers.{counted} is not null
order by customer, at, value
