//! Every SQL file of a crate is compiled in, so that its statement is prepared by the tests of what uses it.

use super::repository::{Finding, Repository};

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    repository
        .under("crates/", ".sql")
        .filter(|file| !is_included(repository, &file.path))
        .map(|file| {
            let message = "no include_str! of this crate names it: use it or remove it";
            Finding::new(&file.path, 1, message)
        })
        .collect()
}

fn is_included(repository: &Repository, path: &str) -> bool {
    let mut parts = path.split('/');
    let (Some(top), Some(name)) = (parts.next(), parts.next()) else {
        return false;
    };
    let file_name = path.rsplit('/').next().unwrap_or(path);
    let owner = format!("{top}/{name}/");
    repository
        .under(&owner, ".rs")
        .filter_map(|file| file.rust.as_ref().map(|rust| (file, rust)))
        .any(|(file, rust)| {
            rust.macros.iter().any(|name| name.words == "include_str")
                && rust.strings.iter().any(|text| {
                    let written = text.words.trim_matches('"');
                    written.rsplit('/').next() == Some(file_name)
                        && resolve(&file.path, written).as_deref() == Some(path)
                })
        })
}

/// The path that a relative path inside a file means.
pub(super) fn resolve(from: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::of_files;
    use super::*;

    #[test]
    fn a_statement_that_nobody_uses_is_found() {
        let rust = "const A: &str = include_str!(\"sql/a.sql\");\nconst B: &str = \"b.sql\";\n";
        let found = check(&of_files(&[
            ("crates/x/src/lib.rs", rust),
            ("crates/x/src/sql/a.sql", "select 1"),
            ("crates/x/src/sql/b.sql", "select 2"),
            ("crates/y/src/sql/a.sql", "select 3"),
            ("examples/shop/a.sql", "select 4"),
        ]));
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn relative_paths_resolve_below_the_top_only() {
        assert_eq!(
            resolve("docs/a/b.md", "../c.md").as_deref(),
            Some("docs/c.md")
        );
        assert_eq!(resolve("b.md", "../c.md"), None);
    }
}
