SELECT import, record
FROM read_well
WHERE import IN (SELECT import FROM standing)
ORDER BY import
