DELETE FROM personal
WHERE place IN (SELECT place FROM by_record WHERE level IN (0, 1) AND record IN ({rows}) {and})
