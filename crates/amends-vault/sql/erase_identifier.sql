INSERT INTO identifiers (id, fingerprint, namespace, sequence, generic, sealed_name, person_key)
VALUES ($1, $2, $3, $4, $5, NULL, NULL)
ON CONFLICT (fingerprint) DO UPDATE SET sealed_name = NULL, person_key = NULL
