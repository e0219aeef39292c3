-- Everything that happened to, or was said by, one customer.
select at, kind, source, about, amount, currency, id
from events
where identifier in ({identifiers}) or array_has_any(others, [{identifiers}])
order by at, source, id
