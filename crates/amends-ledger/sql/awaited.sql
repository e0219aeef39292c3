SELECT DISTINCT quarantine.record
FROM quarantine
JOIN import ON import.import = quarantine.import
WHERE import.source = $1 AND quarantine.record IS NOT NULL
