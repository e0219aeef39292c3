INSERT INTO identifiers (sequence, id, fingerprint, namespace, generic, sealed_name, person_key)
VALUES ($1, $2, $3, $4, $5, NULL, NULL)
