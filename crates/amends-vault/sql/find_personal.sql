SELECT p.record, p.subject, p.sealed_fields, i.person_key
FROM personal p JOIN identifiers i ON i.id = p.subject
WHERE p.record IN ({rows}) AND p.import = (
    SELECT MAX(q.import) FROM personal q
    WHERE q.record = p.record AND q.import NOT IN (SELECT import FROM under_way)
)
