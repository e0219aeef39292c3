INSERT INTO by_subject (subject, place)
SELECT subject, place FROM personal
WHERE place > (SELECT value FROM counters WHERE name = 'found fields')
ORDER BY subject, place
