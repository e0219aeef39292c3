DELETE FROM by_record WHERE (record, import) IN (
    SELECT p.record, p.import FROM personal p
    WHERE p.place IN (SELECT place FROM by_subject WHERE subject = $1)
)
