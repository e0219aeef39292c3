INSERT INTO tail (part, kind, events, first_at, last_at, properties, body, keys)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
