DELETE FROM import_keys
WHERE import = $1 AND NOT EXISTS (SELECT 1 FROM raw_rows WHERE raw_rows.import = import_keys.import)
