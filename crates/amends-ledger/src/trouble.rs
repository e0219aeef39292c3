//! The problems of this crate, each made in one place.

use std::path::Path;

use amends_model::Problem;

/// `AM0403`: the database refused.
pub(crate) fn database(error: sqlx::Error) -> Problem {
    Problem::new("AM0403", "the ledger's database failed")
        .because(error)
        .hint("see whether the disk is full and whether the ledger's folder can be written; nothing half-done was kept")
}

/// `AM0404`: a file could not be written, synced, renamed or removed.
pub(crate) fn unwritten(
    path: &Path,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Problem {
    Problem::new("AM0404", "a file of the ledger cannot be written")
        .detail(path.display().to_string())
        .because(error)
        .hint("see whether the disk is full and whether the folder can be written; nothing half-done was kept")
}

/// `AM0406`: a file or a batch of the ledger cannot be read.
pub(crate) fn unreadable(
    place: impl Into<String>,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Problem {
    Problem::new("AM0406", "a part of the ledger cannot be read")
        .detail(place)
        .because(error)
        .hint("it is missing or damaged: restore it from a backup")
}

/// `AM0408`: staged events are not in the columns that events have.
pub(crate) fn misfit(detail: impl Into<String>) -> Problem {
    Problem::new(
        "AM0408",
        "these events are not in the columns that events have",
    )
    .detail(detail)
}
