SELECT
  quarantine.import, quarantine.entry, quarantine.file, quarantine.line, quarantine.name, quarantine.code, quarantine.reason,
  quarantine.text_hash, quarantine.record, quarantine.replayed_by
FROM quarantine
WHERE quarantine.import IN (SELECT import FROM standing)
ORDER BY quarantine.import, quarantine.entry
