-- The amounts of one kind of event: about what, of whom, when, how much in minor units of which currency.
select about, identifier, cast(at as bigint) as at, amount, currency
from kind."{kind}"
where amount is not null and currency is not null
order by at, about, amount
