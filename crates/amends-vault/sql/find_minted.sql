SELECT id, namespace, sequence, generic
FROM identifiers
WHERE sequence <= (SELECT value FROM counters WHERE name = 'found names')
ORDER BY sequence
