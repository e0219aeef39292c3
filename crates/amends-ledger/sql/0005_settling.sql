-- A keyed hash of the text of each row in quarantine, by which it is known again, and of the record that it speaks of, where its key could be read.
-- Rows of older programs have neither.
ALTER TABLE quarantine ADD COLUMN text_hash TEXT;
ALTER TABLE quarantine ADD COLUMN record TEXT;

-- Which records that had a row in quarantine an import has read well.
CREATE TABLE read_well (
  import BIGINT NOT NULL REFERENCES import (import),
  record TEXT NOT NULL,
  PRIMARY KEY (import, record)
);
