SELECT import, source, mapping, file, fingerprint, started_at, ended_at, received, stored, duplicate, quarantined, events
FROM import
ORDER BY import
