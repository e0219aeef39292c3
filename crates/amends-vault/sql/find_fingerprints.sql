SELECT f.fingerprint, i.id, i.generic
FROM by_fingerprint f JOIN identifiers i ON i.sequence = f.sequence
WHERE f.fingerprint IN ({rows})
