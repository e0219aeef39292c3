INSERT INTO by_subject (level, subject, place)
SELECT $1, subject, place FROM personal
WHERE place > $2
ORDER BY subject, place
