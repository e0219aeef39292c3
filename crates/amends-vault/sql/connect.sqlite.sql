-- What SQLite is told on every connection; nothing of this reaches PostgreSQL.
-- secure_delete overwrites what is deleted, so that erasing leaves nothing behind in free pages.
PRAGMA busy_timeout = 60000;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
