SELECT p.record, p.subject, p.sealed_fields, i.person_key
FROM by_record r
JOIN personal p ON p.place = r.place
JOIN by_id b ON b.level IN (0, 1) AND b.id = p.subject
JOIN identifiers i ON i.sequence = b.sequence
WHERE r.level IN (0, 1) AND r.record IN ({rows}) AND r.import = (
    SELECT MAX(q.import) FROM by_record q
    WHERE q.level IN (0, 1) AND q.record = r.record AND q.import NOT IN (SELECT import FROM under_way)
)
