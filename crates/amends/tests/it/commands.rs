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

/// A project of three sources, the files of two of which are missing, and a promise whose condition fits no event.
fn troubled() -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = here.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put(
        "amends.toml",
        "version = 1\n[company]\nname = \"Dune Tea\"\nzone = \"Europe/Vienna\"\ncurrency = \"EUR\"\n",
    );
    for name in ["afirst", "orders", "zlast"] {
        let source = format!(
            "[source.{name}]\nkey = \"id\"\n[source.{name}.file]\npath = \"{name}.csv\"\ncolumns = {{ placed = \"timestamp\", arrived = \"timestamp\" }}\n\
             [[source.{name}.event]]\nkind = \"{name}_placed\"\nat = \"placed\"\nabout = \"id\"\nidentifiers = {{ customer = \"who\" }}\n\
             [[source.{name}.event]]\nkind = \"{name}_arrived\"\nat = \"arrived\"\nabout = \"id\"\nidentifiers = {{ customer = \"who\" }}\n"
        );
        put(&format!("sources/{name}.toml"), &source);
    }
    put(
        "orders.csv",
        "id,who,placed,arrived\no1,c1,2024-03-01T10:00:00,2024-03-09T10:00:00\n",
    );
    for (name, condition) in [("prompt", "true"), ("broken", "nothing_of_that_name > 1")] {
        let promise = format!(
            "[promise.{name}]\nsays = \"Within a day\"\nmade-by = \"shop\"\nby = \"1 day\"\n\
             opens = {{ on = \"orders_placed\", where = \"{condition}\" }}\nkept = \"orders_arrived\"\n"
        );
        put(&format!("promises/{name}.toml"), &promise);
    }
    here
}

#[test]
fn an_import_tells_what_was_stored_beside_everything_that_failed() {
    let here = troubled();
    let output = amends(here.path(), &["import", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["sources"]["orders"]["stored"], 1);
    assert_eq!(said["sources"]["afirst"]["received"], 0);
    assert_eq!(said["noticed"]["prompt"], 1);
    let problems = said["problems"].as_array().unwrap().iter();
    let problems: Vec<_> = problems
        .map(|one| (one["source"].as_str(), one["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        problems,
        [
            (Some("afirst"), "AM0501"),
            (Some("zlast"), "AM0501"),
            (None, "AM0701")
        ]
    );

    let output = amends(here.path(), &["import"]);
    assert_eq!(output.status.code(), Some(3));
    let (out, talk) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(
        out.contains("orders.csv") && out.contains("Accounted for"),
        "{out}"
    );
    assert_eq!(talk.matches("AM0501]").count(), 2, "{talk}");
    assert!(talk.contains("AM0701]"), "{talk}");
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
