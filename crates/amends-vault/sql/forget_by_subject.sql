DELETE FROM by_subject
WHERE level IN (0, 1) AND (subject, place) IN (SELECT subject, place FROM personal WHERE import = $1)
