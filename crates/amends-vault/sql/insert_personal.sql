INSERT INTO personal (record, import, subject, text_hash, sealed_fields)
VALUES {rows}
