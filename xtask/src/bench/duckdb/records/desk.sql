-- The reader passes over one cell too many where it is empty; such a row has its cells in the wrong columns, and no moment of opening.
create or replace temp table records as
select
    *,
    row_number() over () as line,
    created_at is null
        or coalesce(requester, email) is null
        or (replied_cell is not null and first_reply_at is null)
        or (solved_cell is not null and solved_at is null) as unreadable
from (
    select
        id as native_key,
        empty_is_null(requester_id) as requester,
        lower(empty_is_null(requester_email)) as email,
        empty_is_null(first_reply_at) as replied_cell,
        empty_is_null(solved_at) as solved_cell,
        try_cast(empty_is_null(created_at) as timestamptz) as created_at,
        try_cast(empty_is_null(first_reply_at) as timestamptz) as first_reply_at,
        try_cast(empty_is_null(solved_at) as timestamptz) as solved_at,
        empty_is_null(tags) as tags,
        via_channel,
        priority,
        empty_is_null(satisfaction_score) as satisfaction_score,
        to_json({'status': status}) as rest
    from read_csv(
        '{company}/tickets.csv',
        header = true, delim = ',', quote = '"', escape = '"', auto_detect = false,
        store_rejects = true, rejects_table = 'desk_rejects', rejects_scan = 'desk_scans',
        columns = {
            'id': 'varchar', 'requester_id': 'varchar', 'requester_email': 'varchar', 'subject': 'varchar',
            'status': 'varchar', 'priority': 'varchar', 'via_channel': 'varchar', 'tags': 'varchar',
            'created_at': 'varchar', 'first_reply_at': 'varchar', 'solved_at': 'varchar',
            'satisfaction_score': 'varchar', 'satisfaction_comment': 'varchar'
        }
    )
)
