INSERT INTO quarantine (import, entry, file, line, name, code, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7)
