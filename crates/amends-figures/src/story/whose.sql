-- The customer that an identifier belongs to, and all identifiers of that customer.
select theirs.{counted} as customer, theirs.identifier, theirs.namespace
from customers as asked
join customers as theirs on theirs.{counted} = asked.{counted}
where asked.identifier = {identifier}
order by theirs.namespace, theirs.identifier
