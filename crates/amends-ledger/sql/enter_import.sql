INSERT INTO import (
  import, source, mapping, file, fingerprint, started_at, ended_at, received, stored, duplicate, quarantined, events, reported, digest, same_as,
  telling, told
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
