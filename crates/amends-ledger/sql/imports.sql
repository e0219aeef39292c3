SELECT
  import.import, import.source, import.mapping, import.file, import.fingerprint, import.started_at, import.ended_at,
  import.received, import.stored, import.duplicate, import.quarantined, import.events,
  import.reported, import.digest, import.same_as, undone.undone_at,
  (
    SELECT MIN(replaced.by_import) FROM replaced
    WHERE replaced.import = import.import AND replaced.by_import NOT IN (SELECT undone.import FROM undone)
  ) AS replaced_by,
  import.told
FROM import
LEFT JOIN undone ON undone.import = import.import
ORDER BY import.import
