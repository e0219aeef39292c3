-- One expression over the events of one kind.
select {value}
from kind."{kind}"
where ({condition})
