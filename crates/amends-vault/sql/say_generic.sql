UPDATE identifiers SET generic = $1
WHERE sequence = (SELECT sequence FROM by_fingerprint WHERE level IN (0, 1) AND fingerprint = $2)
