//! What holds for every command: the reference, exit codes, streams.

use amends_testkit::tempfile;

use crate::program::{amends, repository, text};

#[test]
fn the_command_reference_is_what_the_program_says() {
    let here = tempfile::tempdir().unwrap();
    let written =
        std::fs::read_to_string(repository().join("docs/commands.md")).unwrap_or_default();
    let said = text(here.path(), &["help", "--markdown"]);
    assert!(
        written.trim_end() == said.trim_end(),
        "docs/commands.md is out of date: run `cargo xtask gen`"
    );
}

#[test]
fn wrong_usage_a_missing_project_and_success_have_their_exit_codes() {
    let here = tempfile::tempdir().unwrap();
    assert_eq!(
        amends(here.path(), &["card", "--perood", "2018"])
            .status
            .code(),
        Some(2)
    );
    let missing = amends(here.path(), &["card"]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(missing.stdout.is_empty(), "talk goes to standard error");
    let talk = String::from_utf8(missing.stderr).unwrap();
    assert!(
        talk.contains("AM0011") && talk.contains("amends init"),
        "{talk}"
    );
    assert!(
        !talk.contains('\u{1b}'),
        "no colour where nobody sees it: {talk:?}"
    );
    assert_eq!(
        amends(here.path(), &["help", "card"]).status.code(),
        Some(0)
    );
}

#[test]
fn every_error_code_is_explained_by_the_program_itself() {
    let here = tempfile::tempdir().unwrap();
    let page = text(here.path(), &["help", "am0402"]);
    assert!(page.starts_with("# AM0402"), "{page}");
    assert_eq!(
        amends(here.path(), &["help", "AM9999"]).status.code(),
        Some(3)
    );
}

#[test]
fn completions_name_every_command() {
    let here = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = text(here.path(), &["completions", shell]);
        assert!(
            ["letdowns", "quarantine", "identity"]
                .iter()
                .all(|command| script.contains(command)),
            "{shell}"
        );
    }
}
