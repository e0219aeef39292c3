INSERT INTO personal (place, record, import, subject, text_hash, sealed_fields)
VALUES {rows}
