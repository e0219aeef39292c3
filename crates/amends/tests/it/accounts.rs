//! Where accounts are counted, the accounts are those that the sources name.

use crate::invented::Invented;

const CUSTOMERS: &str = r#"
[identifier.org]
names = "account"

[identifier.subscriber]

[customers]
new = { on = "subscription_started" }
lost = { on = "subscription_ended" }
"#;

const SOURCE: &str = r#"
[source.contracts]
says = "Contracts with organisations, each signed by somebody there"
main = "rows"
key = "id"
complete-until = "2026-03-31"

[source.contracts.file.rows]
path = "exports/contracts.csv"

[source.contracts.file.rows.columns]
started_on = "date"
ended_on = "date"

[[source.contracts.event]]
kind = "subscription_started"
at = "started_on"
about = "id"
identifiers = { org = "org", subscriber = "signed_by" }

[[source.contracts.event]]
kind = "subscription_ended"
at = "ended_on"
about = "id"
identifiers = { org = "org", subscriber = "signed_by" }
"#;

/// Two people of the first organisation hold a contract each; it is lost with the later of them.
const ROWS: &str = "id,org,signed_by,started_on,ended_on
k-1,orchard,ana,2026-01-05,2026-02-10
k-2,orchard,bo,2026-01-06,2026-03-11
k-3,quarry,cleo,2026-01-07,2026-03-12
k-4,ferry,dag,2026-01-08,
";

#[test]
fn an_account_is_lost_with_the_last_contract_of_its_people() {
    let company = Invented::that_counts("accounts")
        .with("customers.toml", CUSTOMERS)
        .with("sources/contracts.toml", SOURCE)
        .with("exports/contracts.csv", ROWS)
        .imported();
    for (month, expected) in [
        ("2026-01", [0, 3, 0, 3]),
        ("2026-02", [3, 0, 0, 3]),
        ("2026-03", [3, 0, 2, 1]),
    ] {
        let card = company.json(&format!("card --period {month}"));
        let counts = ["opening", "new", "lost", "closing"].map(|line| card[line].as_i64());
        assert_eq!(counts, expected.map(Some), "{month}: {}", card["refused"]);
    }
    let lost = company.json("people lost --period 2026-03");
    assert_eq!(lost["total"], 2);
    // The story of an account is that of its people.
    let account = lost["items"][0]["customer"].as_str().unwrap();
    let story = company.json(&format!("customer {account}"));
    assert_eq!(story["customer"], account);
}
