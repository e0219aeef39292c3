DELETE FROM by_subject WHERE (subject, place) IN (
    SELECT p.subject, p.place FROM personal p
    WHERE p.place IN (SELECT place FROM by_record WHERE record IN ({rows}) {and})
)
