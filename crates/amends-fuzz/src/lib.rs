//! What hostile bytes are fed to: each target takes any bytes, and panics where something is wrong. `cargo xtask fuzz` searches for such
//! bytes; the tests of this crate feed every file of the corpus again, so that what was found stays found.

#[path = "../../amends-intake/tests/it/mutated/count.rs"]
mod count;
mod feed;

use std::path::Path;

use amends_testkit::tempfile;

pub use feed::{TARGETS, csv, expression, json_lines, parquet, project, xlsx};

/// What takes an input, with a folder in which it may write.
pub type Target = fn(&[u8], &Path);

/// Feeds an input to a target, in a folder of this thread.
///
/// # Panics
/// Where something is wrong.
pub fn feed(target: Target, bytes: &[u8]) {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("a folder for inputs");
    }
    FOLDER.with(|folder| target(bytes, folder.path()));
}

/// A panic ends the process, so that it is a finding, also where it is caught; but for those of the libraries that decode Parquet: what
/// they do with damaged bytes is their affair, as long as the decoder tells it as a fault of the file.
pub fn abort_on_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map_or("", |place| place.file());
        if !["/parquet-", "/arrow-"]
            .iter()
            .any(|library| place.contains(library))
        {
            before(info);
            std::process::abort();
        }
    }));
}
