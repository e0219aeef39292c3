//! A reason that one kind of leaving event does not tell is named plainly, before and after importing.

use crate::invented::{CUSTOMERS, Invented};

const CLOSED: &str = r#"
[source.crm]
says = "Accounts that were closed"
main = "rows"
key = "id"
complete-until = "2026-03-31"

[source.crm.file.rows]
path = "exports/crm.csv"

[source.crm.file.rows.columns]
closed_on = "date"

[[source.crm.event]]
kind = "account_closed"
at = "closed_on"
about = "id"
identifiers = { subscriber = "who" }
"#;

#[test]
fn the_kind_its_source_and_the_lines_are_named_and_no_query_of_ours() {
    let customers = CUSTOMERS.replace(
        "lost = { on = \"subscription_ended\" }",
        "lost = [{ on = \"subscription_ended\" }, { on = \"account_closed\" }]",
    );
    let company = Invented::that_counts("customers")
        .with("customers.toml", &customers)
        .subscriptions(
            "billing",
            "complete-until = \"2026-03-31\"",
            "s-1,ana,2026-01-05,2026-03-02,moved\n",
        )
        .with("sources/crm.toml", CLOSED)
        .with("exports/crm.csv", "id,who,closed_on\nk-1,bo,2026-03-03\n")
        .imported();
    let output = crate::program::amends(company.path(), &["check"]);
    assert_eq!(output.status.code(), Some(1));
    let checked = String::from_utf8(output.stdout).unwrap();
    let (_, card) = company.fails("card --period 2026-03");
    for text in [&checked, &card] {
        for named in [
            "account_closed",
            "source crm",
            "sources/crm.toml:15",
            "customers.toml:9",
            "property",
        ] {
            assert!(text.contains(named), "{named}: {text}");
        }
        for inner in ["select", "join", "show tables", "hash64"] {
            assert!(!text.contains(inner), "{inner}: {text}");
        }
    }
    assert!(card.contains("AM0810"), "{card}");
    assert!(card.lines().count() < 12, "{card}");
}
