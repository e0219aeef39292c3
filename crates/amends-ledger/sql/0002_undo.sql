-- How far an import's source had reported by it, a hash of all that it said (none for imports of older programs, which kept nothing of what was
-- said again), and the import that said the very same.
ALTER TABLE import ADD COLUMN reported BIGINT;
ALTER TABLE import ADD COLUMN digest TEXT;
ALTER TABLE import ADD COLUMN same_as BIGINT;

-- Nobody wrote down which import had reported that far: each of them keeps the word of its source.
UPDATE import SET reported = (SELECT watermark.reported FROM watermark WHERE watermark.source = import.source);
DROP TABLE watermark;

-- What an import said that was known already: it counts where the import that said it first is undone.
CREATE TABLE repeated (
  import BIGINT NOT NULL REFERENCES import (import),
  kind TEXT NOT NULL,
  part BIGINT NOT NULL,
  sayings BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (import, kind, part)
);

CREATE TABLE undone (
  import BIGINT NOT NULL PRIMARY KEY REFERENCES import (import),
  position BIGINT NOT NULL,
  undone_at BIGINT NOT NULL
);

-- Imports that another one replaced, because it read the same bytes with a newer definition. An import that is undone replaces nothing.
CREATE TABLE replaced (
  import BIGINT NOT NULL REFERENCES import (import),
  by_import BIGINT NOT NULL REFERENCES import (import),
  PRIMARY KEY (import, by_import)
);

-- The imports whose events count.
CREATE VIEW standing AS
SELECT import.import
FROM import
WHERE import.import NOT IN (SELECT undone.import FROM undone)
  AND NOT EXISTS (
    SELECT 1 FROM replaced
    WHERE replaced.import = import.import AND replaced.by_import NOT IN (SELECT undone.import FROM undone)
  );

INSERT INTO state (name, value) VALUES ('lineage', 0);
