-- Something that was minted is gone, or is said to be generic or not: no number of a new identifier tells.
INSERT INTO counters (name, value) VALUES ('changed', 1)
ON CONFLICT (name) DO UPDATE SET value = counters.value + 1
