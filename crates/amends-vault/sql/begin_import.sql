INSERT INTO under_way (import, before_identifier)
SELECT $1, value FROM counters WHERE name = 'identifier'
RETURNING before_identifier
