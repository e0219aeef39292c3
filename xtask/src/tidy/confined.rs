//! Some libraries are known to a few crates only (invariant 5).

use super::repository::{Finding, Repository};

/// A library, the crates that may use it, and why no other.
const CONFINED: &[(&[&str], &[&str], &str)] = &[
    (
        &["datafusion", "ballista"],
        &["amends-expressions", "amends-query"],
        "the planner is known to these two, so that it can be replaced and its compile time stays there",
    ),
    (
        &["sqlx"],
        &["amends-vault", "amends-ledger", "amends-access"],
        "the database's SQL is known to these only",
    ),
    (
        &["axum", "hyper", "tower"],
        &["amends-api"],
        "HTTP is one surface among several",
    ),
    (
        &["clap", "clap_complete", "anstream", "anstyle", "indicatif"],
        &["amends"],
        "the terminal is known to the binary only: a library returns values",
    ),
    (
        &["insta", "proptest"],
        &["amends-testkit"],
        "tests take it from amends-testkit, so that features stay in one place",
    ),
    (
        &["tempfile"],
        &["amends-testkit", "amends-expressions", "amends-promises"],
        "tests take it from amends-testkit, and files without a name are for what a query or a replay cannot hold in memory",
    ),
];

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for user in &repository.crates {
        for used in &user.uses {
            let rule = CONFINED
                .iter()
                .find(|(libraries, _, _)| libraries.contains(&used.name.as_str()));
            let Some((_, allowed, why)) = rule else {
                continue;
            };
            if !allowed.contains(&user.name.as_str()) {
                let line = repository
                    .file(&user.manifest)
                    .map_or(1, |file| file.line_of(&used.name));
                let message = format!(
                    "{} uses {}, which only {} may: {why}",
                    user.name,
                    used.name,
                    allowed.join(", ")
                );
                findings.push(Finding::new(&user.manifest, line, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::{of_crates, printed};
    use super::*;

    #[test]
    fn a_library_outside_its_crates_is_found() {
        let repository = of_crates(&[
            ("amends-query", &["datafusion", "serde"]),
            ("amends-figures", &["datafusion", "test:clap"]),
            ("amends", &["clap"]),
        ]);
        let found = printed(&check(&repository));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("amends-figures uses datafusion"));
        assert!(found[1].contains("amends-figures uses clap"));
    }
}
