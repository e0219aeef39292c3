-- What became of the rows of one source.
select
    (select count(*) from records) + rejected.rows as received,
    stored.rows as stored,
    (select count(*) from records where not unreadable) - stored.rows as duplicate,
    (select count(*) from records where unreadable) + rejected.rows as quarantined,
    stored.events as events
from
    ({rejected}) as rejected,
    (
        select count(distinct line) as rows, count(*) as events
        from read_parquet([{files}], union_by_name = true)
    ) as stored
