SELECT import, entry, file, line, name, code, reason, text_hash, record
FROM quarantine
WHERE (
    replayed_by IS NULL
    OR (replayed_by IN (SELECT import FROM import) AND replayed_by NOT IN (SELECT import FROM standing))
  )
  AND ($1 < 0 OR import = $1)
  AND import IN (SELECT import FROM standing)
ORDER BY import, entry
