-- What finds names and fields has two levels, which come first in its keys: 0 is most of it, 1 is what came lately. A key that falls anywhere among what came
-- lately changes few pages, and what came lately goes among the rest when there is enough of it. Everything up to the counters 'merged names' and
-- 'merged fields' lies in level 0, and what was found after that in level 1.
-- WITHOUT ROWID keeps rows in the key itself, sorted: PostgreSQL says it otherwise.

ALTER TABLE by_fingerprint RENAME TO by_fingerprint_before;
ALTER TABLE by_id RENAME TO by_id_before;
ALTER TABLE by_record RENAME TO by_record_before;
ALTER TABLE by_subject RENAME TO by_subject_before;

CREATE TABLE by_fingerprint (
    level BIGINT NOT NULL,
    fingerprint BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (level, fingerprint)
) WITHOUT ROWID;
INSERT INTO by_fingerprint (level, fingerprint, sequence)
SELECT 0, fingerprint, sequence FROM by_fingerprint_before ORDER BY fingerprint;
DROP TABLE by_fingerprint_before;

CREATE TABLE by_id (
    level BIGINT NOT NULL,
    id BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (level, id)
) WITHOUT ROWID;
INSERT INTO by_id (level, id, sequence)
SELECT 0, id, sequence FROM by_id_before ORDER BY id;
DROP TABLE by_id_before;

CREATE TABLE by_record (
    level BIGINT NOT NULL,
    record BYTEA NOT NULL,
    import BIGINT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (level, record, import)
) WITHOUT ROWID;
INSERT INTO by_record (level, record, import, place)
SELECT 0, record, import, place FROM by_record_before ORDER BY record, import;
DROP TABLE by_record_before;

CREATE TABLE by_subject (
    level BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (level, subject, place)
) WITHOUT ROWID;
INSERT INTO by_subject (level, subject, place)
SELECT 0, subject, place FROM by_subject_before ORDER BY subject, place;
DROP TABLE by_subject_before;

INSERT INTO counters (name, value)
SELECT 'merged names', value FROM counters WHERE name = 'found names'
UNION ALL SELECT 'merged fields', value FROM counters WHERE name = 'found fields';
