SELECT b.id, i.person_key
FROM by_id b JOIN identifiers i ON i.sequence = b.sequence
WHERE b.id IN ({rows})
