//! What a project folder gives: a checked project, or every mistake in it at once.

mod examples;
mod mistakes;
mod mutations;
mod new_project;
mod reference;
mod versions;

use std::fs;
use std::path::Path;

use amends_project::{Diagnostic, Project};
use amends_testkit::tempfile::TempDir;

/// A company that is right, for projects whose mistakes are elsewhere.
pub(crate) const COMPANY: &str = "version = 1\n[company]\nname = \"Larkspur Bikes\"\nzone = \"Europe/Vienna\"\ncurrency = \"EUR\"\n";

/// Writes files into a fresh folder.
pub(crate) fn folder(files: &[(String, Vec<u8>)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// Loads a project; `${EXPORTS}` is the only variable.
pub(crate) fn load(root: &Path) -> (Option<Project>, Vec<Diagnostic>) {
    amends_project::load(root, &|name| {
        (name == "EXPORTS").then(|| "/exports".to_owned())
    })
}

/// Mistakes as lines that can be compared.
pub(crate) fn shown(diagnostics: &[Diagnostic]) -> String {
    let all: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    all.join("\n")
}
