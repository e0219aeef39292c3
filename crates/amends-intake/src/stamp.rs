//! What shows that a file was written to while it was read.

use std::path::Path;
use std::time::SystemTime;

use amends_model::{Problem, Result};

/// Size and date of a file.
pub(crate) type Stamp = (u64, SystemTime);

/// Those of a file as it is now.
///
/// # Errors
/// `AM0501` when it cannot be read.
pub(crate) fn stamp(path: &Path) -> Result<Stamp> {
    let read = || {
        let about = std::fs::metadata(path)?;
        Ok((about.len(), about.modified()?))
    };
    read().map_err(|error: std::io::Error| {
        Problem::new("AM0501", "a file cannot be read")
            .detail(path.display().to_string())
            .hint("check that the path is right and that you may read it")
            .because(error)
    })
}

/// `AM0508`: a file is not what it was.
pub(crate) fn file_changed(path: &Path) -> Problem {
    Problem::new(
        "AM0508",
        "a file changed while it was read; nothing of it was stored",
    )
    .detail(path.display().to_string())
    .hint("import again when the export is done")
}
