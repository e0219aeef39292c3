SELECT f.fingerprint, i.id, i.generic
FROM by_fingerprint f JOIN identifiers i ON i.sequence = f.sequence
WHERE f.level IN (0, 1) AND f.fingerprint IN ({rows})
