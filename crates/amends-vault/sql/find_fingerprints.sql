SELECT fingerprint, id, generic
FROM identifiers
WHERE fingerprint IN ({rows})
