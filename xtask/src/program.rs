//! The program `amends`, built as the tests build it.

use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;

use crate::run::{cargo, shown};

/// The folder in which cargo builds.
///
/// # Errors
/// What cargo says.
pub(crate) fn target_folder(root: &Path) -> Result<PathBuf, String> {
    let metadata = MetadataCommand::new()
        .current_dir(root)
        .no_deps()
        .exec()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    Ok(metadata.target_directory.into_std_path_buf())
}

/// Builds the program and says where it is, as one would type it. The features are those of the whole workspace, so nothing is built twice.
///
/// # Errors
/// When it does not build.
pub(crate) fn build(root: &Path, target: &Path) -> Result<String, String> {
    shown(root, &cargo(), &["build", "--bin", "amends"], &[])?;
    let name = format!("amends{}", std::env::consts::EXE_SUFFIX);
    Ok(below(root, &target.join("debug").join(name)))
}

/// A path as one would type it at the top of the repository.
pub(crate) fn below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}
