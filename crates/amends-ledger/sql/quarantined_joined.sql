SELECT quarantine.import, COUNT(*)
FROM quarantine
JOIN import ON import.import = quarantine.import
WHERE quarantine.import > $1 AND quarantine.file <> import.file
GROUP BY quarantine.import
