INSERT INTO noticed (promise, about, noticed_at)
VALUES ($1, $2, $3)
ON CONFLICT (promise, about) DO NOTHING
