-- Let-downs stay on identifiers; whose they are is resolved when read.
select
    replayed.promise,
    replayed.version,
    replayed.about,
    replayed.identifier,
    coalesce(customers.customer, replayed.identifier) as customer,
    customers.account,
    replayed.state,
    replayed.opened_at,
    replayed.due_at,
    replayed.paused_since,
    replayed.closed_at,
    replayed.could_have_known,
    replayed.late_by_us,
    replayed.serious,
    replayed.attributes,
    replayed.proof
from replayed
left join customers on customers.identifier = replayed.identifier
