SELECT i.id, i.namespace, i.fingerprint, i.sealed_name, i.person_key
FROM by_id b JOIN identifiers i ON i.sequence = b.sequence
WHERE b.level IN (0, 1) AND b.id IN ({rows}) AND i.sealed_name IS NOT NULL
