SELECT p.record, p.text_hash
FROM personal p
WHERE p.record IN ({rows}) AND p.import = (SELECT MAX(q.import) FROM personal q WHERE q.record = p.record)
