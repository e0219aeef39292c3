SELECT p.record, p.subject, p.sealed_fields, i.person_key
FROM by_subject s
JOIN personal p ON p.place = s.place
JOIN by_id b ON b.level IN (0, 1) AND b.id = p.subject
JOIN identifiers i ON i.sequence = b.sequence
WHERE s.level IN (0, 1) AND s.subject IN ({rows})
ORDER BY p.record, p.import
