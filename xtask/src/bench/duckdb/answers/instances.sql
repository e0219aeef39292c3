-- How every instance of a promise with a deadline stands.
select
    about,
    due_at,
    given_up_at,
    kept_at,
    case
        when excused_at {meets} due_at and (kept_at is null or excused_at < kept_at) then 'excused'
        when kept_at {meets} due_at then 'kept'
        when kept_at {meets} given_up_at then 'late'
        when given_up_at <= timestamptz '{as_of}' then 'broken'
        when due_at <= timestamptz '{as_of}' then 'overdue'
        else 'open'
    end as state
from (
    select
        about,
        due_at,
        kept_at,
        excused_at,
        due_at + interval '{gives_up} hours' as given_up_at
    from (
        select about, {due} as due_at
        from (
            select about, min("at") as opened_at, arg_min({deadline}, "at") as deadline
            from read_parquet('{folder}/{opens}.parquet')
            where "at" <= timestamptz '{as_of}'
            group by about
        )
    ) as opened
    left join (
        select about, min("at") as kept_at
        from read_parquet('{folder}/{kept}.parquet')
        where "at" <= timestamptz '{as_of}'
        group by about
    ) as kept using (about)
    left join (
        select about, min("at") as excused_at
        from read_parquet('{folder}/{excused}.parquet')
        where "at" <= timestamptz '{as_of}' and ({excuses})
        group by about
    ) as excused using (about)
)
