INSERT INTO personal (record, subject, sealed_fields)
VALUES {rows}
ON CONFLICT (record) DO UPDATE SET subject = excluded.subject, sealed_fields = excluded.sealed_fields
