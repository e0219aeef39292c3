INSERT INTO erased (id, fingerprint, at)
SELECT id, fingerprint, $2 FROM identifiers
WHERE sequence = (SELECT sequence FROM by_fingerprint WHERE level IN (0, 1) AND fingerprint = $1)
ON CONFLICT (id) DO NOTHING
