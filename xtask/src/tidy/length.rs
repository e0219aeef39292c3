//! Files and functions stay short; the exceptions are listed with their reason.

use serde::Deserialize;

use super::repository::{File, Finding, Repository};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 80;
const LIST: &str = "xtask/tidy-excused.toml";

/// The list of exceptions.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Excused {
    file: Vec<Excuse>,
    function: Vec<Excuse>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Excuse {
    path: String,
    /// Of a function.
    name: Option<String>,
    /// It may grow this far and no further.
    at_most: usize,
    reason: String,
}

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let list = repository.file(LIST).map_or("", |file| file.text.as_str());
    let excused: Excused = match toml::from_str(list) {
        Ok(excused) => excused,
        Err(error) => return vec![Finding::new(LIST, 1, error.to_string())],
    };
    let mut findings = Vec::new();
    for file in repository
        .files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
    {
        if file.rust.is_none() {
            findings.push(Finding::new(&file.path, 1, "cannot be read as Rust"));
        }
        findings.extend(long_file(file, &excused.file));
        findings.extend(long_functions(file, &excused.function));
    }
    findings.extend(needless(repository, &excused));
    findings
}

fn long_file(file: &File, excused: &[Excuse]) -> Option<Finding> {
    let lines = file.text.lines().count();
    let excuse = excused.iter().find(|excuse| excuse.path == file.path);
    let limit = excuse.map_or(FILE_LINES, |excuse| excuse.at_most);
    let message = format!(
        "{lines} lines, at most {limit}: split it by behaviour, or excuse it with a reason in {LIST}"
    );
    (lines > limit).then(|| Finding::new(&file.path, limit, message))
}

fn long_functions(file: &File, excused: &[Excuse]) -> Vec<Finding> {
    let functions = file.rust.iter().flat_map(|rust| &rust.functions);
    functions
        .filter_map(|function| {
            let excuse = excused.iter().find(|excuse| {
                excuse.path == file.path && excuse.name.as_deref() == Some(&function.name)
            });
            let limit = excuse.map_or(FUNCTION_LINES, |excuse| excuse.at_most);
            let message = format!(
                "fn {} has {} lines, at most {limit}: split it into steps with names, or excuse it with a reason in {LIST}",
                function.name,
                function.lines()
            );
            (function.lines() > limit).then(|| Finding::new(&file.path, function.first, message))
        })
        .collect()
}

/// Excuses that excuse nothing any more, or do not say why.
fn needless(repository: &Repository, excused: &Excused) -> Vec<Finding> {
    let files = excused.file.iter().map(|excuse| {
        let file = repository.file(&excuse.path);
        (
            excuse,
            file.is_some_and(|file| file.text.lines().count() > FILE_LINES),
        )
    });
    let functions = excused.function.iter().map(|excuse| {
        let file = repository
            .file(&excuse.path)
            .and_then(|file| file.rust.as_ref());
        let long = file.is_some_and(|rust| {
            rust.functions.iter().any(|function| {
                excuse.name.as_deref() == Some(&function.name) && function.lines() > FUNCTION_LINES
            })
        });
        (excuse, long)
    });
    let line = |excuse: &Excuse| {
        repository
            .file(LIST)
            .map_or(1, |list| list.line_of(&excuse.path))
    };
    files
        .chain(functions)
        .filter_map(|(excuse, needed)| {
            let message = match (needed, excuse.reason.trim().is_empty()) {
                (false, _) => "excuses nothing any more: remove the entry",
                (true, true) => "gives no reason",
                (true, false) => return None,
            };
            Some(Finding::new(
                LIST,
                line(excuse),
                format!("{} {message}", excuse.path),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::{of_files, printed};
    use super::*;

    fn function(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    #[test]
    fn the_limits_are_the_limits() {
        let file = "// line\n".repeat(FILE_LINES);
        let short = of_files(&[("a.rs", &function(FUNCTION_LINES)), ("b.rs", &file)]);
        assert_eq!(printed(&check(&short)), Vec::<String>::new());
        let file = "// line\n".repeat(FILE_LINES + 1);
        let long = printed(&check(&of_files(&[
            ("a.rs", &function(FUNCTION_LINES + 1)),
            ("b.rs", &file),
        ])));
        assert_eq!(long.len(), 2);
        assert!(long[0].starts_with("a.rs:1: fn long has 81 lines"));
        assert!(long[1].starts_with("b.rs:500: 501 lines"));
    }

    #[test]
    fn an_excuse_has_a_reason_a_limit_and_a_use() {
        let list = "[[function]]\npath = \"a.rs\"\nname = \"long\"\nat-most = 90\nreason = \"one table\"\n";
        let files = |lines| of_files(&[("a.rs", &function(lines)), (LIST, list)]);
        assert!(check(&files(90)).is_empty());
        assert_eq!(check(&files(91)).len(), 1);
        let found = printed(&check(&files(20)));
        assert!(found[0].contains("excuses nothing"), "{found:?}");
        let silent = list.replace("one table", " ");
        let found = printed(&check(&of_files(&[
            ("a.rs", &function(85)),
            (LIST, &silent),
        ])));
        assert!(found[0].contains("gives no reason"), "{found:?}");
        assert_eq!(check(&of_files(&[(LIST, "[[class]]\n")])).len(), 1);
    }
}
