create or replace temp table records as
select
    *,
    row_number() over () as line,
    answered_at is null or email is null or (score_cell is not null and score is null) as unreadable
from (
    select
        response_id as native_key,
        lower(empty_is_null(recipient_email)) as email,
        empty_is_null(score) as score_cell,
        try_cast(score as bigint) as score,
        survey,
        timezone('Europe/Vienna', try_strptime(recorded_date, '%d.%m.%Y %H:%M')) as answered_at
    from read_csv(
        '{company}/satisfaction.csv',
        header = true, delim = ';', quote = '"', escape = '"', auto_detect = false,
        store_rejects = true, rejects_table = 'survey_rejects', rejects_scan = 'survey_scans',
        columns = {
            'response_id': 'varchar', 'recipient_email': 'varchar', 'score': 'varchar', 'comment': 'varchar',
            'recorded_date': 'varchar', 'survey': 'varchar'
        }
    )
)
