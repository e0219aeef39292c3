-- The signs of everybody, in any order. Null: somebody who is not counted.
select
    {counted}_of(signs.identifier) as customer,
    signs.at as at,
    signs.meaning as meaning,
    signs.contract as contract,
    signs.reason as reason,
    signs.said as said
from (
{signs}
) as signs
where {whose}
