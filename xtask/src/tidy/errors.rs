//! Every error code has its page in docs/errors, and every page its code.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::repository::{Finding, Repository};
use super::rust::Text;

const FOLDER: &str = "docs/errors/";
/// What every page says after what the error means.
const PARTS: [&str; 2] = ["**What usually causes it.**", "**What to do.**"];

static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"AM\d{4}\b").ok());

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let used = codes(repository, |rust| &rust.strings);
    let documented = codes(repository, |rust| &rust.docs);
    let mut pages = BTreeSet::new();
    let mut findings = Vec::new();
    for page in repository.under(FOLDER, ".md") {
        let code = page.path[FOLDER.len()..].trim_end_matches(".md").to_owned();
        let first = page.text.lines().next().unwrap_or_default();
        let title = first
            .strip_prefix(&format!("# {code}: "))
            .unwrap_or_default();
        if title.is_empty() || title.ends_with('.') {
            let message = format!(
                "the first line must be \"# {code}: what went wrong\", without a full stop"
            );
            findings.push(Finding::new(&page.path, 1, message));
        }
        for part in PARTS.iter().filter(|part| !page.text.contains(**part)) {
            let message = format!("the page does not say {part:?}: add it");
            findings.push(Finding::new(&page.path, 1, message));
        }
        if !used.contains_key(&code) {
            findings.push(Finding::new(
                &page.path,
                1,
                "no code gives this error: remove the page",
            ));
        }
        pages.insert(code);
    }
    for (code, (path, line)) in &used {
        if !pages.contains(code) {
            let message = format!(
                "{code} has no page: write {FOLDER}{code}.md (what it means, what usually causes it, what to do)"
            );
            findings.push(Finding::new(path, *line, message));
        }
    }
    for (code, (path, line)) in &documented {
        if !used.contains_key(code) {
            let message = format!(
                "the comment names {code}, which no code gives: name the one that is given"
            );
            findings.push(Finding::new(path, *line, message));
        }
    }
    findings
}

/// The codes in some texts of the crates, each with where it stands first. Tests aside.
fn codes(
    repository: &Repository,
    texts: impl Fn(&super::rust::RustText) -> &Vec<Text>,
) -> BTreeMap<String, (String, usize)> {
    let mut found = BTreeMap::new();
    let sources = repository
        .under("crates/", ".rs")
        .filter(|file| file.path.contains("/src/"));
    for file in sources {
        let texts = file
            .rust
            .iter()
            .flat_map(&texts)
            .filter(|text| !text.in_tests);
        for text in texts {
            let matches = CODE.iter().flat_map(|code| code.find_iter(&text.words));
            for code in matches {
                found
                    .entry(code.as_str().to_owned())
                    .or_insert_with(|| (file.path.clone(), text.line));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::{of_files, printed};
    use super::*;

    const SOURCE: &str = "/// `AM0001` when wrong.\nfn f() -> P { P::new(\"AM0001\", \"wrong\") }\n#[cfg(test)]\nmod tests { fn g() { h(\"AM9999\") } }\n";

    #[test]
    fn a_code_with_its_page_passes() {
        let found = check(&of_files(&[
            ("crates/a/src/lib.rs", SOURCE),
            (
                "docs/errors/AM0001.md",
                "# AM0001: it is wrong\n\n**What usually causes it.** A.\n\n**What to do.** B.\n",
            ),
        ]));
        assert_eq!(printed(&found), Vec::<String>::new());
    }

    #[test]
    fn missing_pages_pages_without_use_and_bad_titles_are_found() {
        let source = format!("{SOURCE}/// `AM0003` never.\nfn i() {{}}\n");
        let found = printed(&check(&of_files(&[
            ("crates/a/src/lib.rs", &source),
            ("docs/errors/AM0002.md", "# Something else\n"),
        ])));
        assert_eq!(found.len(), 6, "{found:?}");
        assert!(found[0].contains("AM0002.md:1: the first line"));
        assert!(found[1].contains("does not say") && found[2].contains("does not say"));
        assert!(found[3].contains("AM0002.md:1: no code gives"));
        assert!(found[4].starts_with("crates/a/src/lib.rs:2: AM0001 has no page"));
        assert!(found[5].starts_with("crates/a/src/lib.rs:5: the comment names AM0003"));
    }
}
