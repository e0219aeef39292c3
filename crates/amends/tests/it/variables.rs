//! Paths that name environment variables: needed where exports are read, and nowhere else.

use std::process::Command;

use crate::invented::Invented;

const ROWS: &str = "s-1,ana,2026-01-05,,\ns-2,bo,2026-01-06,2026-02-03,moved\n";

/// Runs a command with the variable set, or without it.
fn run(company: &Invented, command: &str, exports: Option<&str>) -> (bool, String) {
    let mut amends = Command::new(env!("CARGO_BIN_EXE_amends"));
    amends
        .current_dir(company.path())
        .args(command.split_whitespace())
        .env_remove("TEASEL_EXPORTS")
        .env("NO_COLOR", "1");
    if let Some(exports) = exports {
        amends.env("TEASEL_EXPORTS", exports);
    }
    let output = amends.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn what_was_imported_is_told_without_the_variable_that_leads_to_the_exports() {
    let says = "complete-until = \"2026-02-28\"";
    let company = Invented::with_customers().subscriptions("billing", says, ROWS);
    let path = company.path().join("sources/billing.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let written = "\"exports/billing.csv\"";
    assert!(text.contains(written));
    std::fs::write(
        &path,
        text.replace(written, "\"${TEASEL_EXPORTS}/billing.csv\""),
    )
    .unwrap();

    let (done, said) = run(&company, "import", None);
    assert!(
        !done && said.contains("TEASEL_EXPORTS is not set"),
        "{said}"
    );
    assert!(run(&company, "import", Some("exports")).0);
    for command in [
        "card --json",
        "imports --json",
        "people lost --period 2026-02 --json",
        "doctor --json",
    ] {
        let with = run(&company, command, Some("exports"));
        let without = run(&company, command, None);
        assert!(without.0, "{command}: {}", without.1);
        if command != "doctor --json" {
            assert_eq!(without, with, "{command}");
        }
    }
    let (done, said) = run(&company, "import --dry-run", None);
    assert!(
        !done && said.contains("TEASEL_EXPORTS is not set"),
        "{said}"
    );
    let (done, said) = run(&company, "check", None);
    assert!(
        !done && said.contains("TEASEL_EXPORTS is not set"),
        "{said}"
    );

    // A folder of data that is not known is no matter of exports.
    let settings = company.path().join("amends.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(
        &settings,
        format!("data = \"${{TEASEL_EXPORTS}}/data\"\n{text}"),
    )
    .unwrap();
    assert!(!run(&company, "card", None).0);
}
