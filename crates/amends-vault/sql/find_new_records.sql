INSERT INTO by_record (record, import, place)
SELECT record, import, place FROM personal
WHERE place > (SELECT value FROM counters WHERE name = 'found fields')
ORDER BY record, import
