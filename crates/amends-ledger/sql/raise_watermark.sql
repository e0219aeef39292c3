INSERT INTO watermark (source, reported)
VALUES ($1, $2)
ON CONFLICT (source) DO UPDATE SET reported = excluded.reported
WHERE excluded.reported > watermark.reported
