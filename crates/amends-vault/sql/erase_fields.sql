DELETE FROM personal
WHERE place IN (SELECT place FROM by_subject WHERE level IN (0, 1) AND subject = $1)
