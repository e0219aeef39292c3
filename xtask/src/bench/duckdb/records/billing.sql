create or replace temp table records as
select
    *,
    row_number() over () as line,
    started_at is null
        or coalesce(customer, email) is null
        or (canceled_cell is not null and cancelled_at is null)
        or (ended_cell is not null and ended_at is null) as unreadable
from (
    select
        id as native_key,
        empty_is_null("Customer ID") as customer,
        lower(empty_is_null("Customer Email")) as email,
        "Plan" as plan,
        "Interval" as interval,
        cents("Amount") as amount,
        upper("Currency") as currency,
        empty_is_null("Canceled At (UTC)") as canceled_cell,
        empty_is_null("Ended At (UTC)") as ended_cell,
        try_cast("Created (UTC)" as timestamp)::timestamptz as started_at,
        try_cast("Canceled At (UTC)" as timestamp)::timestamptz as cancelled_at,
        try_cast("Ended At (UTC)" as timestamp)::timestamptz as ended_at,
        try_cast("Cancel At Period End" as boolean) as at_period_end,
        coalesce(
            empty_is_null("leaving_reason (metadata)"),
            empty_is_null(cancellation_details_feedback),
            case when cancellation_details_reason = 'payment_failed' then 'payment_failed' end
        ) as reason,
        to_json({
            'Status': "Status",
            'Current Period Start (UTC)': "Current Period Start (UTC)",
            'Current Period End (UTC)': "Current Period End (UTC)"
        }) as rest
    from read_csv(
        '{company}/subscriptions.csv',
        header = true, delim = ',', quote = '"', escape = '"', auto_detect = false,
        store_rejects = true, rejects_table = 'billing_rejects', rejects_scan = 'billing_scans',
        columns = {
            'id': 'varchar', 'Customer ID': 'varchar', 'Customer Email': 'varchar', 'Plan': 'varchar',
            'Quantity': 'varchar', 'Currency': 'varchar', 'Interval': 'varchar', 'Amount': 'varchar',
            'Status': 'varchar', 'Created (UTC)': 'varchar', 'Start (UTC)': 'varchar',
            'Current Period Start (UTC)': 'varchar', 'Current Period End (UTC)': 'varchar',
            'Canceled At (UTC)': 'varchar', 'Cancel At Period End': 'varchar', 'Ended At (UTC)': 'varchar',
            'cancellation_details_reason': 'varchar', 'cancellation_details_feedback': 'varchar',
            'cancellation_details_comment': 'varchar', 'leaving_reason (metadata)': 'varchar'
        }
    )
)
