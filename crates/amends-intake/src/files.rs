//! The files that a path of a definition stands for.

use std::path::{Path, PathBuf};

use amends_model::{Problem, Result};
use amends_project::definition::{Source, SourceFile};

/// The files that a source's main path stands for, in order of their names.
///
/// # Errors
/// `AM0501` when the folder cannot be read; `AM0511` when `*` stands for no file; `AM0561` when a path leads to something else than a file.
pub fn files(source: &Source) -> Result<Vec<PathBuf>> {
    match source.files.get(&source.main) {
        Some(file) => matching(file),
        // The project has checked that the main file is one of the files.
        None => Ok(Vec::new()),
    }
}

/// The files that a path stands for, in order of their names.
///
/// # Errors
/// As `files`.
pub(crate) fn matching(file: &SourceFile) -> Result<Vec<PathBuf>> {
    let pattern = file.path.file_name().and_then(|name| name.to_str());
    let Some(pattern) = pattern.filter(|pattern| pattern.contains('*')) else {
        return regular(file);
    };
    let folder = match file.path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let cannot_read = |error: std::io::Error| {
        Problem::new("AM0501", "a folder cannot be read")
            .detail(folder.display().to_string())
            .hint("check that the path is right and that you may read it")
            .because(error)
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot_read)? {
        let entry = entry.map_err(cannot_read)?;
        let name = entry.file_name();
        let fits = name.to_str().is_some_and(|name| fits(pattern, name));
        if fits && entry.path().is_file() {
            found.push(folder.join(name));
        }
    }
    if found.is_empty() {
        return Err(Problem::new("AM0511", "no file matches")
            .detail(format!("{} ({})", file.written, file.path.display()))
            .hint("list the folder, and correct the path or the ending"));
    }
    found.sort();
    Ok(found)
}

/// One file by its name. A pipe would be waited for without end, and nothing but a file can be read twice.
fn regular(file: &SourceFile) -> Result<Vec<PathBuf>> {
    match std::fs::metadata(&file.path) {
        Ok(about) if !about.is_file() => {
            let is = if about.is_dir() {
                "a folder"
            } else {
                "a pipe or a device"
            };
            Err(Problem::new("AM0561", "this is no file")
                .detail(format!("{} is {is}", file.path.display()))
                .hint("name a file, or files with `*` as in \"exports/orders-*.csv\"; write what comes through a pipe to a file first"))
        }
        // A file that is missing is reported where it is opened.
        _ => Ok(vec![file.path.clone()]),
    }
}

/// Whether a name fits a pattern in which `*` stands for any letters. Like a shell's, it does not stand for a leading dot.
fn fits(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(found) => rest = &rest[found + part.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

/// A path as it is shown to people: relative to the project, where it stands below it.
pub(crate) fn shown(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    below.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_letters() {
        for (pattern, name, fitting) in [
            ("orders-*.csv", "orders-2018.csv", true),
            ("orders-*.csv", "orders-.csv", true),
            ("orders-*.csv", "orders.csv", false),
            ("*", "a", true),
            ("*", ".a", false),
            ("*.csv*", "a.csv.gz", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(fits(pattern, name), fitting, "{pattern} {name}");
        }
    }
}
