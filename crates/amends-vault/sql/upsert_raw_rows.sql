INSERT INTO raw_rows (import, entry, sealed_text)
VALUES {rows}
ON CONFLICT (import, entry) DO UPDATE SET sealed_text = excluded.sealed_text
