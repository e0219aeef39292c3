INSERT INTO quarantine (import, entry, file, line, name, code, reason, text_hash, record)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
