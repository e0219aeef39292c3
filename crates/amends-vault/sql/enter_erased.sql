INSERT INTO erased (id, fingerprint, at)
SELECT id, fingerprint, $2 FROM identifiers
WHERE sequence = (SELECT sequence FROM by_fingerprint WHERE fingerprint = $1)
ON CONFLICT (id) DO NOTHING
