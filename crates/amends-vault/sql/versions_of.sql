SELECT p.record, p.subject, p.sealed_fields, i.person_key
FROM by_record r
JOIN personal p ON p.place = r.place
JOIN by_id b ON b.id = p.subject
JOIN identifiers i ON i.sequence = b.sequence
WHERE r.record IN ({rows})
ORDER BY p.record, p.import
