INSERT INTO repeated (import, kind, part, sayings, body)
VALUES ($1, $2, $3, $4, $5)
