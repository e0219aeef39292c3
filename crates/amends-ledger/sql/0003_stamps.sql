-- Which way history went: after each of the last changes a stamp that hangs on it and on all before it. Who keeps something computed from
-- an earlier position finds its stamp here, or begins anew.
CREATE TABLE stamp (
  position BIGINT NOT NULL PRIMARY KEY,
  stamp TEXT NOT NULL
);

INSERT INTO stamp (position, stamp) SELECT value, '' FROM state WHERE name = 'position';
