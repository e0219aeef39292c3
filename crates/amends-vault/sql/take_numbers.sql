UPDATE counters SET value = value + $1
WHERE name = 'identifier'
RETURNING value
