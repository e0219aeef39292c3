SELECT part, kind, events, first_at, last_at, properties, body, keys
FROM tail
ORDER BY part
