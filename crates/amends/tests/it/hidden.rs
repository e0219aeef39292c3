//! Names, contact details and raw rows stay in the vault until they are asked for.

use crate::invented::Invented;

const CUSTOMERS: &str = r#"
[identifier.email]
normalise = "email"

[identifier.subscriber]

[customers]
new = { on = "subscription_started" }
lost = { on = "subscription_ended" }
"#;

/// Ana is known by two names; one row cannot be read.
fn company() -> Invented {
    let rows = "s-1,ana-of-hill-lane,2026-01-05,,\ns-2,bo-of-dune-road,05.01.2026,,\n";
    let company = Invented::that_counts("customers")
        .with("customers.toml", CUSTOMERS)
        .subscriptions("billing", "complete-until = \"2026-03-31\"", rows);
    let path = company.path().join("sources/billing.toml");
    let source = std::fs::read_to_string(&path).unwrap();
    let named = "{ subscriber = \"who\", email = \"who || '@example.com'\" }";
    std::fs::write(path, source.replace("{ subscriber = \"who\" }", named)).unwrap();
    company.imported()
}

#[test]
fn what_the_vault_keeps_is_shown_only_where_it_is_asked_for() {
    let company = company();
    for (command, secret) in [
        ("customer ana-of-hill-lane", "ana-of-hill-lane@example.com"),
        ("identity explain ana-of-hill-lane", "ana-of-hill-lane"),
        (
            "identity explain ana-of-hill-lane ana-of-hill-lane@example.com",
            "hill-lane",
        ),
        ("quarantine explain 1/1", "dune-road"),
    ] {
        let hidden = company.text(command);
        assert!(!hidden.contains(secret), "{command}: {hidden}");
        assert!(
            hidden.contains("the vault; --reveal shows"),
            "{command}: {hidden}"
        );
        let json = company.json(command).to_string();
        assert!(!json.contains(secret), "{command}: {json}");
        let reveal = format!("{command} --reveal");
        assert!(company.text(&reveal).contains(secret), "{reveal}");
        let json = company.json(&reveal).to_string();
        assert!(json.contains(secret), "{reveal}: {json}");
    }
    let unlinked = company
        .text("identity unlink ana-of-hill-lane ana-of-hill-lane@example.com --by Vera --why test");
    assert!(!unlinked.contains("hill-lane"), "{unlinked}");
}
