-- The kinds that a source has ever given: where its definition gives one no longer, its records are silent about it.
CREATE TABLE given (
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (source, kind)
);
