DELETE FROM by_record WHERE level IN (0, 1) AND (record, import) IN (
    SELECT p.record, p.import FROM personal p
    WHERE p.place IN (SELECT place FROM by_subject WHERE level IN (0, 1) AND subject = $1)
)
