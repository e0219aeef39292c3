SELECT r.record, p.text_hash
FROM by_record r JOIN personal p ON p.place = r.place
WHERE r.level IN (0, 1) AND r.record IN ({rows}) AND r.import = (SELECT MAX(q.import) FROM by_record q WHERE q.level IN (0, 1) AND q.record = r.record)
