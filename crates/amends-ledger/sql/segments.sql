SELECT part, kind, events, first_at, last_at, properties, events_bytes, events_hash, keys_bytes, keys_hash
FROM segment
ORDER BY part
