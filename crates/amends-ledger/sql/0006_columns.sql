-- The columns of an import's main file as they stood in it, so that the next file is compared with them: a JSON array.
CREATE TABLE file_columns (
  import BIGINT NOT NULL PRIMARY KEY REFERENCES import (import),
  columns TEXT NOT NULL
);
