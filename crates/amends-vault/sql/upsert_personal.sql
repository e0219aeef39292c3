INSERT INTO personal (record, import, subject, text_hash, sealed_fields)
VALUES {rows}
ON CONFLICT (record, import) DO UPDATE
SET subject = excluded.subject, text_hash = excluded.text_hash, sealed_fields = excluded.sealed_fields
