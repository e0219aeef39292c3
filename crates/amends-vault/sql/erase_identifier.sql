UPDATE identifiers SET sealed_name = NULL, person_key = NULL
WHERE sequence = (SELECT sequence FROM by_fingerprint WHERE level IN (0, 1) AND fingerprint = $1)
