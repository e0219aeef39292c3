//! A newcomer types what the README says: every command in it exists.

use super::repository::{Finding, Repository};
use crate::CHORES;

const FILE: &str = "README.md";
/// Where the binary's commands stand, one file each.
const COMMANDS: &str = "crates/amends/src/commands/";

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let Some(file) = repository.file(FILE) else {
        return vec![Finding::new(FILE, 1, "is missing")];
    };
    let mut in_code = false;
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            continue;
        }
        let words: Vec<&str> = line.trim_start_matches("$ ").split_whitespace().collect();
        let unknown = match words.as_slice() {
            ["cargo", "xtask", chore, ..] if in_code => {
                !CHORES.iter().any(|(name, _, _)| name == chore)
            }
            ["amends", command, ..] if in_code => !has_command(repository, command),
            _ => false,
        };
        if unknown {
            let message = format!("there is no command {:?}", words.join(" "));
            findings.push(Finding::new(FILE, number, message));
        }
    }
    findings
}

fn has_command(repository: &Repository, command: &str) -> bool {
    let own_file = format!("{COMMANDS}{command}.rs");
    let own_folder = format!("{COMMANDS}{command}/");
    command.starts_with('-')
        || repository
            .files
            .iter()
            .any(|file| file.path == own_file || file.path.starts_with(&own_folder))
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::{of_files, printed};
    use super::*;

    #[test]
    fn commands_that_are_not_there_are_found() {
        let page = "Type cargo xtask nonsense.\n```\n$ cargo xtask test\n$ cargo xtask tset\namends card --period 2018\namends crad\n```\n";
        let found = printed(&check(&of_files(&[
            ("README.md", page),
            ("crates/amends/src/commands/card.rs", ""),
        ])));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("tset") && found[1].contains("crad"));
    }
}
