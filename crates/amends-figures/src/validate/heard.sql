-- What was said in events of one kind: by whom, when, about what, and whether it is a complaint.
select {counted} as counted, at, about, complains
from (
    select
        customer_of(identifier) as customer,
        account_of(identifier) as account,
        cast(at as bigint) as at,
        about,
        coalesce({complains}, false) as complains
    from kind."{kind}"
) as said
where customer is not null
