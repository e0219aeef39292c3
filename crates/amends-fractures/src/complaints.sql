-- Complaints of one kind of event: by whom, when, about what.
select {counted} as counted, at, about
from (
    select
        customer_of(identifier) as customer,
        account_of(identifier) as account,
        cast(at as bigint) as at,
        about
    from kind."{kind}"
    where ({condition})
) as complaints
where customer is not null
