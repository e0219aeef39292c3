DELETE FROM raw_rows
WHERE import = $1
