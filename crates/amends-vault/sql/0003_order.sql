-- Names and fields lie in the order in which they came. What finds them by hashes and random identifiers, which fall anywhere, are tables of their own:
-- they are brought up to date in one go, in their own order, up to the counters 'found names' and 'found fields'.
-- INTEGER PRIMARY KEY is SQLite's own number of a row, and WITHOUT ROWID keeps rows in the key itself: PostgreSQL says both otherwise.
-- Nothing with a name or a text in it is sorted here: what is sorted may go through files elsewhere.

ALTER TABLE identifiers RENAME TO identifiers_before;
ALTER TABLE personal RENAME TO personal_before;

CREATE TABLE identifiers (
    sequence INTEGER PRIMARY KEY,
    id BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    namespace TEXT NOT NULL,
    generic BIGINT NOT NULL,
    sealed_name BYTEA,
    person_key BYTEA
);
INSERT INTO identifiers (sequence, id, fingerprint, namespace, generic, sealed_name, person_key)
SELECT sequence, id, fingerprint, namespace, generic, sealed_name, person_key
FROM identifiers_before;

CREATE TABLE by_fingerprint (
    fingerprint BYTEA PRIMARY KEY,
    sequence BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO by_fingerprint (fingerprint, sequence)
SELECT fingerprint, sequence FROM identifiers ORDER BY fingerprint;

CREATE TABLE by_id (
    id BYTEA PRIMARY KEY,
    sequence BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO by_id (id, sequence)
SELECT id, sequence FROM identifiers ORDER BY id;

CREATE TABLE personal (
    place INTEGER PRIMARY KEY,
    record BYTEA NOT NULL,
    import BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    text_hash BYTEA NOT NULL,
    sealed_fields BYTEA NOT NULL
);
INSERT INTO personal (place, record, import, subject, text_hash, sealed_fields)
SELECT rowid, record, import, subject, text_hash, sealed_fields
FROM personal_before;

DROP TABLE identifiers_before;
DROP TABLE personal_before;

-- An import says everything in one go, so that this index grows at its end.
CREATE INDEX personal_of_import ON personal (import);

CREATE TABLE by_record (
    record BYTEA NOT NULL,
    import BIGINT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (record, import)
) WITHOUT ROWID;
INSERT INTO by_record (record, import, place)
SELECT record, import, place FROM personal ORDER BY record, import;

CREATE TABLE by_subject (
    subject BYTEA NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (subject, place)
) WITHOUT ROWID;
INSERT INTO by_subject (subject, place)
SELECT subject, place FROM personal ORDER BY subject, place;

INSERT INTO counters (name, value)
SELECT 'found names', value FROM counters WHERE name = 'identifier'
UNION ALL SELECT 'fields', COALESCE(MAX(place), 0) FROM personal
UNION ALL SELECT 'found fields', COALESCE(MAX(place), 0) FROM personal;
