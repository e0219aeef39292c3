-- Let-downs stay on identifiers; whose they are is resolved when read.
select
    promise,
    version,
    about,
    identifier,
    coalesce(customer_of(identifier), identifier) as customer,
    account_of(identifier) as account,
    state,
    opened_at,
    due_at,
    paused_since,
    closed_at,
    could_have_known,
    late_by_us,
    serious,
    attributes,
    proof
from replayed
