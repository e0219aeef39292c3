SELECT i.id, i.namespace, i.sequence, i.generic
FROM by_fingerprint f JOIN identifiers i ON i.sequence = f.sequence
WHERE f.level IN (0, 1) AND f.fingerprint = $1
