//! Where the real data is.

use std::path::PathBuf;

/// A folder of the real data that the environment variable `AMENDS_DATA` points at, such as `olist`.
/// `None`, saying so, where the variable is unset; a test then has nothing to look at and ends.
///
/// # Panics
/// When the variable is set and the folder is not there: that is a mistake of whoever set it, and must not pass as a skipped test.
#[allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "the one place through which tests learn where the real data is"
)]
pub fn real_data(folder: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("AMENDS_DATA") else {
        eprintln!("skipped: AMENDS_DATA is not set, so there is no {folder} data to test with");
        return None;
    };
    let path = PathBuf::from(root).join(folder);
    assert!(
        path.is_dir(),
        "AMENDS_DATA is set, but {} is no folder",
        path.display()
    );
    Some(path)
}
