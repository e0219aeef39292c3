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
fn an_argument_that_cannot_be_read_or_names_nothing_is_wrong_usage() {
    let company = crate::behind::company();
    for command in [
        "card --period foo",
        "card --as-of garbage",
        "due --within soon",
        "import nothing-of-this-name",
        "letdowns --promise nothing-of-this-name",
        "people nothing-of-this-name",
    ] {
        let (code, talk) = company.fails(command);
        assert_eq!(code, 2, "{command}: {talk}");
    }
    let (code, _) = company.fails("customer nobody-of-this-name");
    assert_eq!(code, 3);
}

#[test]
fn one_mistake_is_one_mistake() {
    let company = crate::invented::Invented::with_customers();
    company.write("journey.toml", "[stages]\n");
    let (code, talk) = company.fails("card");
    assert_eq!(code, 3);
    assert!(talk.contains("the definitions hold 1 mistake ["), "{talk}");
}

#[test]
fn prose_is_broken_where_no_terminal_says_how_wide_it_is() {
    let company = crate::behind::company();
    let card = company.text("card --period 2026-03");
    let long: Vec<&str> = card
        .lines()
        .filter(|line| line.chars().count() > 100)
        .collect();
    assert!(long.is_empty(), "{long:#?}");
    assert!(card.contains("assumed: a rule of thumb"), "{card}");
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
