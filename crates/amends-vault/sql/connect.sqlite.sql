-- What SQLite is told on every connection; nothing of this reaches PostgreSQL.
-- secure_delete overwrites what is deleted, so that erasing leaves nothing behind in free pages.
PRAGMA busy_timeout = 60000;
PRAGMA foreign_keys = ON;
-- Pages that wait in memory (KiB) and in the log (pages) may be changed many times, and are written once.
PRAGMA cache_size = -65536;
PRAGMA wal_autocheckpoint = 16384;
PRAGMA secure_delete = ON;
