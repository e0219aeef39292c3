SELECT b.id, i.person_key
FROM by_id b JOIN identifiers i ON i.sequence = b.sequence
WHERE b.level IN (0, 1) AND b.id IN ({rows})
