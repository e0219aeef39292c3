SELECT p.record, p.subject, p.sealed_fields, i.person_key
FROM personal p JOIN identifiers i ON i.id = p.subject
WHERE p.record IN ({rows})
ORDER BY p.record, p.import
