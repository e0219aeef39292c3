INSERT INTO by_id (id, sequence)
SELECT id, sequence FROM identifiers
WHERE sequence > (SELECT value FROM counters WHERE name = 'found names')
ORDER BY id
