-- When customers did what makes somebody a customer.
select {counted} as counted, at
from (
    select
        customer_of(identifier) as customer,
        account_of(identifier) as account,
        cast(at as bigint) as at
    from kind."{kind}"
    where ({condition})
) as bought
where customer is not null
