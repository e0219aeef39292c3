INSERT INTO segment (part, kind, events, first_at, last_at, properties, events_bytes, events_hash, keys_bytes, keys_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
