//! A full disk is told as one, whichever file or database met it first.

use std::error::Error;
use std::io;
use std::path::Path;

use amends_model::Problem;

use crate::surroundings;

/// Below this there is no room: SQLite, whose shared memory cannot grow then, says no more than that the disk failed.
const NO_ROOM_BYTES: u64 = 256 << 10;

/// A problem that comes of a full disk, told as that; any other as it is. The folders are those that were written to.
pub(crate) fn told(problem: Problem, folders: &[&Path]) -> Problem {
    let temporary = surroundings::temporary();
    let folders = folders.iter().copied().chain([temporary.as_path()]);
    let rooms = folders.filter_map(|folder| Some((amends_custody::free(folder)?, folder)));
    let fullest = rooms.min_by_key(|(free, _)| *free);
    let no_room = fullest.is_some_and(|(free, _)| free < NO_ROOM_BYTES);
    let full = match signs(&problem) {
        Signs::Full => true,
        Signs::Failed => no_room,
        Signs::None => false,
    };
    if !full || problem.code() == CODE {
        return problem;
    }
    let place = fullest.map(|(free, folder)| {
        let kilobytes = free.div_ceil(1000);
        format!("{kilobytes} kB are free for {}; ", folder.display())
    });
    Problem::new(CODE, "the disk is full")
        .detail(format!("{}{problem}", place.unwrap_or_default()))
        .hint("make room, or move the data folder to a larger disk (`data = \"...\"` in amends.toml), then run the same command again: nothing half-done was kept")
}

/// The code of a full disk.
pub(crate) const CODE: &str = "AM0021";

/// What the errors below a problem say about the disk.
enum Signs {
    Full,
    /// It failed, and nobody says why.
    Failed,
    None,
}

fn signs(problem: &Problem) -> Signs {
    let mut found = Signs::None;
    let mut next: Option<&(dyn Error + 'static)> = Some(problem);
    while let Some(error) = next {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        let words = error.to_string();
        let says = |what: &str| words.contains(what);
        if matches!(
            kind,
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        ) || says("disk is full")
            || says("No space left on device")
        {
            return Signs::Full;
        }
        if says("disk I/O error") || says("unable to open database file") {
            found = Signs::Failed;
        }
        next = error.source();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_as_one_and_nothing_else_is() {
        let here = surroundings::temporary();
        let tell = |error: io::Error| {
            let problem = Problem::new("AM0404", "a file of the ledger cannot be written");
            told(problem.because(error), &[&here])
        };
        let full = tell(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.code(), "AM0021");
        let detail = full.detail_text().unwrap();
        assert!(
            detail.contains("AM0404") && detail.contains("are free for"),
            "{detail}"
        );
        assert!(full.hint_text().unwrap().contains("make room"));
        assert_eq!(
            told(full, &[&here]).detail_text().unwrap(),
            detail,
            "told once"
        );
        // There is room here, so a disk that failed has failed.
        for other in ["disk I/O error", "Permission denied"] {
            assert_eq!(tell(io::Error::other(other)).code(), "AM0404");
        }
        let database =
            io::Error::other("error returned from database: (code: 13) database or disk is full");
        assert_eq!(tell(database).code(), "AM0021");
    }
}
