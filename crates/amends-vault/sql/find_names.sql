SELECT id, namespace, fingerprint, sealed_name, person_key
FROM identifiers
WHERE id IN ({rows}) AND sealed_name IS NOT NULL
