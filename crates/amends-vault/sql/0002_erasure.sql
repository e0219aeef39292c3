-- Who was erased. The fingerprint finds their name in text that comes in later; the name itself is gone.
CREATE TABLE erased (
    id BYTEA PRIMARY KEY,
    fingerprint BYTEA NOT NULL UNIQUE,
    at BIGINT NOT NULL
);

-- Records of erased people whose fields stood under somebody else's key: they are not kept again either.
CREATE TABLE withheld (
    record BYTEA PRIMARY KEY
);

-- Erasures that were carried out to their end, by their number in the journal.
CREATE TABLE erasures (
    number BYTEA PRIMARY KEY
);
