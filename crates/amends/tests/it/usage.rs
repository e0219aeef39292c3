//! A command line that cannot be read, and where help is asked for.

use serde_json::Value;

use crate::invented::Invented;
use crate::program::amends;

#[test]
fn a_misread_command_line_is_told_in_json_where_json_is_asked_for() {
    let company = Invented::with_customers();
    for (words, said) in [
        (&["card", "--perid", "2026-03", "--json"][..], "--perid"),
        (&["--json", "cards"], "cards"),
        (&["due", "--limit", "many", "--json"], "many"),
        (&["explain", "--json"], "<ID>"),
        (&["--json"], "requires a subcommand"),
    ] {
        let output = amends(company.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty(), "{words:?}");
        let told: Value = serde_json::from_slice(&output.stderr).unwrap();
        let error = &told["error"];
        assert_eq!(error["code"], "AM0022", "{told}");
        assert!(error["detail"].as_str().unwrap().contains(said), "{told}");
        assert!(!error["hint"].as_str().unwrap().is_empty(), "{told}");
    }
    let output = amends(company.path(), &["card", "--perid", "2026-03"]);
    assert_eq!(output.status.code(), Some(2));
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(talk.starts_with("error: unexpected argument"), "{talk}");
    let output = amends(company.path(), &["--json", "--help"]);
    assert!(output.status.success() && !output.stdout.is_empty());
}

#[test]
fn help_explains_what_a_command_is_told_to_do() {
    let company = Invented::with_customers();
    let page = company.text("help quarantine list");
    assert!(page.contains("Usage: amends quarantine list"), "{page}");
    let (code, talk) = company.fails("help quarantine lst");
    assert_eq!(code, 3);
    assert!(
        talk.contains("AM0013") && talk.contains("quarantine lst"),
        "{talk}"
    );
    assert!(company.text("help am0402").contains("AM0402"));
}
