//! The project speaks of itself alone: no machine's folders, no package registry, nobody's chat.

use super::repository::{Finding, Repository};

/// Words that do not belong, and why; put together here so that this file passes its own rule.
const WORDS: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), MACHINE),
    (concat!("/ro", "ot/"), MACHINE),
    (concat!("/ho", "me/"), MACHINE),
    (concat!("crates", ".io"), REGISTRY),
    (concat!("py", "pi.org"), REGISTRY),
    (concat!("python", "hosted.org"), REGISTRY),
    (concat!("registry.", "npmjs"), REGISTRY),
    (concat!("deb.", "debian.org"), REGISTRY),
    (concat!("coding ", "session"), TALK),
    (concat!("as an ", "ai "), TALK),
    (concat!("the pro", "mpt says"), TALK),
];

const MACHINE: &str = "a folder of one machine: use a relative path or a variable";
const REGISTRY: &str = "the host of a package registry: name the package instead";
const TALK: &str = "this is about how the text came about: say what holds";

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    let texts = repository
        .files
        .iter()
        .filter(|file| file.path != "Cargo.lock" && file.path != "LICENSE");
    for file in texts {
        for (number, line) in file.lines() {
            let lower = line.to_lowercase();
            let found = WORDS.iter().filter(|(word, _)| lower.contains(word));
            findings.extend(
                found.map(|(word, why)| {
                    Finding::new(&file.path, number, format!("{word:?} is {why}"))
                }),
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::{of_files, printed};
    use super::*;

    #[test]
    fn words_of_one_machine_are_found() {
        let line = format!("fine\nsee {}x\n", WORDS[0].0);
        let found = printed(&check(&of_files(&[
            ("docs/a.md", &line),
            ("Cargo.lock", &line),
        ])));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("docs/a.md:2:"));
        assert!(
            check(&of_files(&[(
                "docs/a.md",
                "network/file and framework/x\n"
            )]))
            .is_empty()
        );
    }
}
