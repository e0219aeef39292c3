-- What changed of the records of one kind that name one customer.
select id, was, became, not_before
from kind."{kind}"
where identifier in ({identifiers}) or array_has_any(others, [{identifiers}])
