SELECT source, MAX(reported)
FROM import
WHERE reported IS NOT NULL AND import IN (SELECT import FROM standing)
GROUP BY source
