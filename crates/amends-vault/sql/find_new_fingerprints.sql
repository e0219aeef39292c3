INSERT INTO by_fingerprint (fingerprint, sequence)
SELECT fingerprint, sequence FROM identifiers
WHERE sequence > (SELECT value FROM counters WHERE name = 'found names')
ORDER BY fingerprint
