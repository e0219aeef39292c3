-- What the events of one kind that make somebody a customer say of a segment: whether that can be planned.
select
    identifier,
    cast(({value}
    ) as varchar) as value
from kind."{kind}"
