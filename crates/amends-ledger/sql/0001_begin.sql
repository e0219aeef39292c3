-- The catalog. Moments are microseconds of UTC. One part is one segment or one batch of the tail; they share their numbers.
CREATE TABLE state (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);

CREATE TABLE import (
  import BIGINT NOT NULL PRIMARY KEY,
  source TEXT NOT NULL,
  mapping TEXT NOT NULL,
  file TEXT NOT NULL,
  fingerprint TEXT,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  received BIGINT NOT NULL,
  stored BIGINT NOT NULL,
  duplicate BIGINT NOT NULL,
  quarantined BIGINT NOT NULL,
  events BIGINT NOT NULL
);

CREATE TABLE watermark (
  source TEXT NOT NULL PRIMARY KEY,
  reported BIGINT NOT NULL
);

CREATE TABLE quarantine (
  import BIGINT NOT NULL REFERENCES import (import),
  entry BIGINT NOT NULL,
  file TEXT NOT NULL,
  line BIGINT NOT NULL,
  name TEXT,
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  replayed_by BIGINT,
  PRIMARY KEY (import, entry)
);

CREATE TABLE segment (
  part BIGINT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  events BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  properties TEXT NOT NULL,
  events_bytes BIGINT NOT NULL,
  events_hash TEXT NOT NULL,
  keys_bytes BIGINT NOT NULL,
  keys_hash TEXT NOT NULL
);

CREATE TABLE tail (
  part BIGINT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  events BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  properties TEXT NOT NULL,
  body BYTEA NOT NULL,
  keys BYTEA NOT NULL
);

-- Which events of a part were superseded at which position: for each its row, its id and the id of the event that replaced it.
CREATE TABLE superseded (
  part BIGINT NOT NULL,
  position BIGINT NOT NULL,
  events BYTEA NOT NULL,
  PRIMARY KEY (part, position)
);

CREATE TABLE noticed (
  promise TEXT NOT NULL,
  about TEXT NOT NULL,
  noticed_at BIGINT NOT NULL,
  PRIMARY KEY (promise, about)
);

INSERT INTO state (name, value) VALUES ('position', 0), ('import', 0), ('part', 0);
