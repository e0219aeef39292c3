DELETE FROM by_subject
WHERE level IN (0, 1) AND subject = $1
