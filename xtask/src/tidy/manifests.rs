//! Every version stands once, in the root manifest, and every entry there is used.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::repository::{File, Finding, Repository};

const ROOT: &str = "Cargo.toml";
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
/// What of `[package]` comes from the workspace.
const SHARED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    let manifests = repository
        .files
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml"));
    for file in manifests {
        match file.text.parse::<Table>() {
            Ok(manifest) => member(file, &manifest, &mut used, &mut findings),
            Err(error) => findings.push(Finding::new(&file.path, 1, error.to_string())),
        }
    }
    if let Some(root) = repository.file(ROOT) {
        findings.extend(unused(root, &used));
    }
    findings
}

fn member(file: &File, manifest: &Table, used: &mut BTreeSet<String>, findings: &mut Vec<Finding>) {
    for section in DEPENDENCIES {
        let Some(Value::Table(entries)) = manifest.get(section) else {
            continue;
        };
        for (name, entry) in entries {
            used.insert(name.clone());
            if !only_workspace(entry) {
                let message = format!(
                    "{name} must say `{name}.workspace = true` and no more: version and features stand in the root Cargo.toml"
                );
                findings.push(Finding::new(&file.path, file.line_of(name), message));
            }
        }
    }
    let package = manifest.get("package").and_then(Value::as_table);
    for key in SHARED {
        let value = package.and_then(|package| package.get(key));
        if !value.is_some_and(only_workspace) {
            let message = format!("[package] must say `{key}.workspace = true`");
            findings.push(Finding::new(&file.path, file.line_of("[package]"), message));
        }
    }
    if !manifest.get("lints").is_some_and(only_workspace) {
        let message =
            "add `[lints]` with `workspace = true`: the lints of the workspace hold everywhere";
        findings.push(Finding::new(&file.path, 1, message));
    }
}

/// `workspace = true` and nothing beside it, except that it may be optional.
fn only_workspace(entry: &Value) -> bool {
    entry.as_table().is_some_and(|entry| {
        entry.get("workspace") == Some(&Value::Boolean(true))
            && entry
                .keys()
                .all(|key| key == "workspace" || key == "optional")
    })
}

fn unused(root: &File, used: &BTreeSet<String>) -> Vec<Finding> {
    let manifest = root.text.parse::<Table>().unwrap_or_default();
    let entries = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Value::as_table);
    entries
        .into_iter()
        .flatten()
        .filter(|(name, _)| !used.contains(*name))
        .map(|(name, _)| {
            let line = root.line_of(&format!("{name} ="));
            Finding::new(ROOT, line, format!("no crate uses {name}: remove it"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::{of_files, printed};
    use super::*;

    const ROOT_TEXT: &str = "[workspace.dependencies]\nserde = \"1\"\ncsv = \"1\"\n";
    const SHARED_TEXT: &str = "version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n[lints]\nworkspace = true\n";

    #[test]
    fn a_manifest_that_leans_on_the_root_passes() {
        let text = format!(
            "[package]\nname = \"a\"\n{SHARED_TEXT}[dependencies]\nserde.workspace = true\n[dev-dependencies]\ncsv.workspace = true\n"
        );
        let found = check(&of_files(&[
            ("Cargo.toml", ROOT_TEXT),
            ("crates/a/Cargo.toml", &text),
        ]));
        assert_eq!(printed(&found), Vec::<String>::new());
    }

    #[test]
    fn versions_features_and_leftovers_are_found() {
        let text = format!(
            "[package]\nname = \"a\"\n{SHARED_TEXT}[dependencies]\nserde = {{ workspace = true, features = [\"rc\"] }}\nlog = \"0.4\"\n"
        );
        let found = printed(&check(&of_files(&[
            ("Cargo.toml", ROOT_TEXT),
            ("crates/a/Cargo.toml", &text),
        ])));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found
                .iter()
                .any(|line| line.contains("serde.workspace = true"))
        );
        assert!(
            found
                .iter()
                .any(|line| line.starts_with("crates/a/Cargo.toml:12: log must"))
        );
        assert!(
            found
                .iter()
                .any(|line| line.starts_with("Cargo.toml:3: no crate uses csv"))
        );
    }

    #[test]
    fn a_crate_of_its_own_edition_or_lints_is_found() {
        let found = check(&of_files(&[(
            "crates/a/Cargo.toml",
            "[package]\nname = \"a\"\nedition = \"2021\"\n",
        )]));
        assert_eq!(found.len(), 6);
    }
}
