SELECT import, entry, file, line, name, code, reason
FROM quarantine
WHERE replayed_by IS NULL AND ($1 < 0 OR import = $1)
ORDER BY import, entry
