-- Customers gained and lost in every month, by segment: contracts that touch or overlap are one membership, of the segment of its first contract.
with contracts as (
    select
        people.customer,
        {segment} as segment,
        started."at" as started_at,
        coalesce(ended."at", 'infinity') as ended_at,
        ended.reason
    from read_parquet('{folder}/subscription_started.parquet') as started
    join read_parquet('{folder}/people.parquet') as people using (identifier)
    left join read_parquet('{folder}/subscription_ended.parquet') as ended using (about)
),
reached as (
    select
        *,
        max(ended_at) over (
            partition by customer order by started_at, ended_at
            rows between unbounded preceding and 1 preceding
        ) as reached_at
    from contracts
),
numbered as (
    select
        *,
        count(*) filter (where reached_at is null or started_at > reached_at) over (
            partition by customer order by started_at, ended_at
            rows between unbounded preceding and current row
        ) as membership
    from reached
),
memberships as (
    select
        date_trunc('month', timezone('{zone}', min(started_at))) as began,
        case when isfinite(max(ended_at)) then date_trunc('month', timezone('{zone}', max(ended_at))) end as ended,
        membership > 1 as returned,
        first(segment order by started_at, segment) as segment,
        case arg_max(coalesce(reason, ''), ended_at)
            when 'moved' then 'natural'
            when 'deceased' then 'natural'
            when 'payment_failed' then 'company'
            when 'too_expensive' then 'avoidable'
            when 'switched_service' then 'avoidable'
            when 'unused' then 'avoidable'
            when 'low_quality' then 'avoidable'
            when 'customer_service' then 'avoidable'
            else 'unknown'
        end as nature
    from numbered
    group by customer, membership
),
moves as (
    select segment, began as month, returned, 1 as step, null as nature, began = ended as briefly from memberships
    union all
    select segment, ended, returned, -1, nature, began = ended from memberships where ended is not null
),
months as (
    select
        segment,
        month,
        count(*) filter (where step = 1 and not returned) as new,
        count(*) filter (where step = 1 and returned) as returned,
        count(*) filter (where step = -1) as lost,
        count(*) filter (where step = -1 and nature = 'natural') as lost_natural,
        count(*) filter (where step = -1 and nature = 'avoidable') as lost_avoidable,
        count(*) filter (where step = -1 and nature = 'company') as lost_company,
        count(*) filter (where step = -1 and nature = 'unknown') as lost_unknown,
        count(*) filter (where step = -1 and briefly) as joined_and_left,
        sum(step) as net
    from moves
    group by segment, month
)
select
    segment,
    strftime(month, '%Y-%m') as period,
    (sum(net) over same - net)::bigint as opening,
    * exclude (segment, month, net),
    (sum(net) over same)::bigint as closing
from months
window same as (partition by segment order by month)
order by segment, month
