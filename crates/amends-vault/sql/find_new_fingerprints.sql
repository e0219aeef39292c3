INSERT INTO by_fingerprint (level, fingerprint, sequence)
SELECT $1, fingerprint, sequence FROM identifiers
WHERE sequence > $2
ORDER BY fingerprint
