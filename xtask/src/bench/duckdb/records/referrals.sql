create or replace temp table records as
select
    *,
    row_number() over () as line,
    referred_at is null or email is null as unreadable
from (
    select
        referred_customer_id as native_key,
        lower(empty_is_null(referrer_email)) as email,
        try_cast(referred_at as timestamptz) as referred_at,
        campaign
    from read_csv(
        '{company}/referrals.csv',
        header = true, delim = ',', quote = '"', escape = '"', auto_detect = false,
        store_rejects = true, rejects_table = 'referrals_rejects', rejects_scan = 'referrals_scans',
        columns = {
            'referrer_email': 'varchar', 'referred_customer_id': 'varchar', 'referred_at': 'varchar', 'campaign': 'varchar'
        }
    )
)
