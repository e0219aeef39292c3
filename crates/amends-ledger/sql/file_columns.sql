-- The columns of the newest import of a source before one, of the same file where there is any, that was not undone.
SELECT file_columns.import, file_columns.columns
FROM file_columns
JOIN import ON import.import = file_columns.import
WHERE import.source = $1
  AND import.import < $2
  AND import.import NOT IN (SELECT undone.import FROM undone)
ORDER BY CASE WHEN import.file = $3 THEN 0 ELSE 1 END, import.import DESC
LIMIT 1
