SELECT id, person_key
FROM identifiers
WHERE id IN ({rows})
