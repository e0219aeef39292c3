//! Crates form one order; a crate uses only those to its left.

use super::repository::{Crate, Finding, Repository};

/// The order of DESIGN section 7. Crates of one step do not use each other.
const ORDER: &[&[&str]] = &[
    &["amends-stats", "amends-model"],
    &["amends-simulator"],
    &["amends-expressions"],
    &["amends-project"],
    &["amends-vault"],
    &["amends-ledger"],
    &["amends-intake"],
    &["amends-identity"],
    &["amends-custody"],
    &["amends-promises"],
    &["amends-query"],
    &["amends-fractures"],
    &["amends-figures"],
    &["amends-cases"],
    &["amends-notices"],
    &["amends-access"],
    &["amends-api"],
    &["amends"],
];

/// Serves the tests of every crate, and nothing else.
const TESTKIT: &str = "amends-testkit";
/// Feeds hostile bytes to whoever reads them; nothing uses it.
const FUZZ: &str = "amends-fuzz";
/// Makes the demo and the truth for tests: no library leans on it.
const SIMULATOR: &str = "amends-simulator";
const BINARY: &str = "amends";
const CHORES: &str = "xtask";

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for user in &repository.crates {
        if step(&user.name).is_none() && ![TESTKIT, FUZZ, CHORES].contains(&user.name.as_str()) {
            findings.push(Finding::new(
                &user.manifest,
                1,
                format!(
                    "{} has no place in the order: enter it in xtask/src/tidy/order.rs and in ARCHITECTURE.md",
                    user.name
                ),
            ));
        }
        for used in &user.uses {
            let known = repository
                .crates
                .iter()
                .any(|known| known.name == used.name);
            if let (true, Some(why)) = (known, objection(user, &used.name, used.tests_only)) {
                let line = repository
                    .file(&user.manifest)
                    .map_or(1, |file| file.line_of(&used.name));
                findings.push(Finding::new(&user.manifest, line, why));
            }
        }
    }
    findings
}

fn step(name: &str) -> Option<usize> {
    ORDER.iter().position(|crates| crates.contains(&name))
}

/// Why one crate may not use another; `None` if it may.
fn objection(user: &Crate, used: &str, tests_only: bool) -> Option<String> {
    let name = user.name.as_str();
    match used {
        TESTKIT if tests_only || name == FUZZ => None,
        TESTKIT => Some(format!(
            "{name} uses {TESTKIT} outside its tests: move it to [dev-dependencies]"
        )),
        CHORES => Some(format!("{name} uses {CHORES}, which no crate may")),
        SIMULATOR if !tests_only && name != BINARY => Some(format!(
            "{name} uses {SIMULATOR} outside its tests: only the binary may; move it to [dev-dependencies]"
        )),
        _ if name == TESTKIT => None,
        _ if name == CHORES => Some(format!(
            "{CHORES} uses {used}: it must stay quick to build; call the binary instead"
        )),
        _ if tests_only && used == SIMULATOR => None,
        _ => match (step(used), step(name)) {
            (Some(left), Some(right)) if left < right => None,
            (None, _) | (_, None) => None,
            _ => Some(format!(
                "{name} uses {used}, which is not to its left in the order: move what is needed to the left, or pass it in"
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::{of_crates, printed};
    use super::*;

    #[test]
    fn a_crate_uses_those_to_its_left() {
        let fine = of_crates(&[
            ("amends-model", &["serde", "test:amends-testkit"]),
            ("amends-ledger", &["amends-model", "test:amends-simulator"]),
            ("amends", &["amends-ledger", "amends-simulator"]),
            ("amends-simulator", &["amends-model"]),
            ("amends-testkit", &["amends-model"]),
            ("xtask", &["serde"]),
        ]);
        assert_eq!(printed(&check(&fine)), Vec::<String>::new());
    }

    #[test]
    fn every_wrong_direction_is_found() {
        let wrong = of_crates(&[
            ("amends-model", &["amends-stats", "amends-testkit"]),
            ("amends-ledger", &["amends-figures", "amends-simulator"]),
            ("amends-figures", &[]),
            ("amends-simulator", &["amends-ledger"]),
            ("amends-stats", &[]),
            ("amends-testkit", &[]),
            ("amends-core", &[]),
            ("xtask", &["amends-model"]),
        ]);
        let found = printed(&check(&wrong)).join("\n");
        for words in [
            "amends-model uses amends-stats, which is not to its left",
            "amends-model uses amends-testkit outside its tests",
            "amends-ledger uses amends-figures, which is not to its left",
            "amends-ledger uses amends-simulator outside its tests",
            "amends-simulator uses amends-ledger, which is not to its left",
            "amends-core has no place in the order",
            "xtask uses amends-model",
        ] {
            assert!(found.contains(words), "{words}\n{found}");
        }
        assert_eq!(found.lines().count(), 7, "{found}");
    }
}
