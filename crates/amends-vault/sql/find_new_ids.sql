INSERT INTO by_id (level, id, sequence)
SELECT $1, id, sequence FROM identifiers
WHERE sequence > $2
ORDER BY id
