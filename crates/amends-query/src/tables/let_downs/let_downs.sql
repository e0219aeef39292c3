select instances.*, promises.touchpoint, promises.owner
from instances
join promises on promises.promise = instances.promise
where instances.state in ('overdue', 'late', 'broken')
