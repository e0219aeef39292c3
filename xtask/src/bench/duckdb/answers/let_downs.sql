-- The let-downs of a promise, one by one.
select
    about,
    state,
    date_diff('second', due_at, case state
        when 'late' then kept_at
        when 'broken' then given_up_at
        else timestamptz '{as_of}'
    end) as late_by_seconds
from ({instances})
where state in ('late', 'broken', 'overdue')
order by about
