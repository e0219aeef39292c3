SELECT DISTINCT import, replayed_by
FROM quarantine
WHERE replayed_by IS NOT NULL
ORDER BY import, replayed_by
