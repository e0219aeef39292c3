-- Nothing in these tables says who anybody is without the master key: names and fields are sealed,
-- and a fingerprint is a keyed hash. The same text runs on SQLite and PostgreSQL.

CREATE TABLE IF NOT EXISTS settings (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE IF NOT EXISTS counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS namespaces (
    name TEXT PRIMARY KEY
);

-- `sealed_name` and `person_key` are null once the person was erased; the fingerprint stays, so that the erased do not return.
CREATE TABLE IF NOT EXISTS identifiers (
    id BYTEA PRIMARY KEY,
    fingerprint BYTEA NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    generic BIGINT NOT NULL,
    sealed_name BYTEA,
    person_key BYTEA
);

-- What each import said of a record, where that differs from what was said before; the newest counts. `text_hash` is keyed.
CREATE TABLE IF NOT EXISTS personal (
    record BYTEA NOT NULL,
    import BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    text_hash BYTEA NOT NULL,
    sealed_fields BYTEA NOT NULL,
    PRIMARY KEY (record, import)
);

CREATE INDEX IF NOT EXISTS personal_of_subject ON personal (subject);
CREATE INDEX IF NOT EXISTS personal_of_import ON personal (import);

-- Imports that the ledger may not hold yet, and the number of the last identifier before each.
CREATE TABLE IF NOT EXISTS under_way (
    import BIGINT PRIMARY KEY,
    before_identifier BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS import_keys (
    import BIGINT PRIMARY KEY,
    import_key BYTEA NOT NULL
);

CREATE TABLE IF NOT EXISTS raw_rows (
    import BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    sealed_text BYTEA NOT NULL,
    PRIMARY KEY (import, entry)
);

INSERT INTO counters (name, value) VALUES ('identifier', 0) ON CONFLICT (name) DO NOTHING;
