UPDATE identifiers SET generic = $1
WHERE sequence = (SELECT sequence FROM by_fingerprint WHERE fingerprint = $2)
