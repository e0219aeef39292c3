-- Of some sources that tell of beginnings, those of whose contracts others tell the end.
select distinct begun.source
from (
{signs}
) as begun
join (
{signs}
) as ended on {counted}_of(ended.identifier) = {counted}_of(begun.identifier)
where begun.meaning = 0 and ended.meaning = 1
    and begun.source in ({sources})
    and (ended.about is null or ended.about = begun.about)
