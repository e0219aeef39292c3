-- The identifiers of everybody that is counted.
select {counted} as customer, identifier, namespace
from customers
where {counted} is not null
