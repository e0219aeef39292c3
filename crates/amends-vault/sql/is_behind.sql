UPDATE counters SET value = value
WHERE name = $1 AND value < (SELECT l.value FROM counters l WHERE l.name = $2)
RETURNING value
