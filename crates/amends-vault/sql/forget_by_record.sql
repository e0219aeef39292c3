DELETE FROM by_record
WHERE level IN (0, 1) AND (record, import) IN (SELECT record, import FROM personal WHERE import = $1)
