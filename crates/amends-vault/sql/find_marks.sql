SELECT i.id, i.namespace, i.fingerprint, i.generic
FROM by_id b JOIN identifiers i ON i.sequence = b.sequence
WHERE b.level IN (0, 1) AND b.id IN ({rows})
ORDER BY i.sequence
