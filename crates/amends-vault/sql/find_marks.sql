SELECT id, namespace, fingerprint, generic
FROM identifiers
WHERE id IN ({rows})
ORDER BY sequence
