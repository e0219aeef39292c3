INSERT INTO erased (id, fingerprint, at)
SELECT id, fingerprint, $2 FROM identifiers WHERE fingerprint = $1
ON CONFLICT (id) DO NOTHING
