INSERT INTO by_record (level, record, import, place)
SELECT $1, record, import, place FROM personal
WHERE place > $2
ORDER BY record, import
