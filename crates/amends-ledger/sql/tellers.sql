SELECT
  import.import, import.source, import.started_at, import.reported, import.telling,
  CASE
    WHEN EXISTS (SELECT 1 FROM undone WHERE undone.import = import.import) THEN 0
    WHEN EXISTS (
      SELECT 1 FROM replaced
      WHERE replaced.import = import.import AND replaced.by_import NOT IN (SELECT undone.import FROM undone)
    ) THEN 0
    ELSE 1
  END AS stands
FROM import
ORDER BY import.import
