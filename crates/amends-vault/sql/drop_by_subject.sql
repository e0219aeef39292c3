DELETE FROM by_subject WHERE level IN (0, 1) AND (subject, place) IN (
    SELECT p.subject, p.place FROM personal p
    WHERE p.place IN (SELECT place FROM by_record WHERE level IN (0, 1) AND record IN ({rows}) {and})
)
