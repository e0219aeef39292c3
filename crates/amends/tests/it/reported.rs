//! What sources have not reported yet is not told as if nothing had happened (rules 4 and 11).

use serde_json::Value;

use crate::invented::{CUSTOMERS, Invented};

const ROWS: &str = "s-1,ana,2026-01-05,,
s-2,bo,2026-01-06,2026-03-09,moved
s-3,cleo,2026-01-07,,
";

/// Subscriptions complete until the end of March.
fn until_march(more: &str) -> Invented {
    let says = format!("complete-until = \"2026-03-31\"\n{more}");
    Invented::with_customers()
        .subscriptions("billing", &says, ROWS)
        .imported()
}

#[test]
fn a_period_beyond_the_export_is_refused_and_one_across_its_end_is_so_far() {
    let company = until_march("");
    let beyond = company.json("card --period 2026-06 --as-of 2026-08-01");
    let refused = "the period begins after 2026-03-31, and billing, which tells who is a customer, has fully reported no further";
    assert_eq!(beyond["refused"], refused);
    assert_eq!(
        (&beyond["opening"], &beyond["lost"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(beyond["so_far"], true);
    let across = company.json("card --period 2026 --as-of 2027-02-01");
    assert_eq!(
        (across["so_far"].as_bool(), across["lost"].as_u64()),
        (Some(true), Some(1))
    );
    assert_eq!(across["reported_until"], "2026-03-31T22:00:00Z");
    assert_eq!(across["reported_by"], "billing");
    let churn = &across["figures"]["churn.year"]["refused"];
    assert_eq!(churn, "the period is not fully reported yet");
    let text = company.text("card --period 2026 --as-of 2027-02-01");
    let title = text.lines().next().unwrap();
    assert!(title.contains("2026, so far"), "{title}");
    assert!(
        title.ends_with("reported until 2026-04-01 00:00 (billing)"),
        "{title}"
    );
    let whole = company.json("card --period 2026-03 --as-of 2026-08-01");
    assert_eq!(
        (whole["so_far"].as_bool(), whole["lost"].as_u64()),
        (Some(false), Some(1))
    );
}

#[test]
fn nobody_is_lost_by_a_silence_that_ends_beyond_what_was_reported() {
    let customers = CUSTOMERS.replace(
        "lost = { on = \"subscription_ended\" }",
        "silence = \"60 days\"\nactivity = [{ on = \"visited\" }]",
    );
    let customers = customers.split("[leaving]").next().unwrap();
    let visits = "[source.door]\nsays = \"Visits\"\nmain = \"rows\"\ncomplete-until = \"2026-04-30\"\n\
        [source.door.file.rows]\npath = \"exports/door.csv\"\n[source.door.file.rows.columns]\nat = \"date\"\n\
        [[source.door.event]]\nkind = \"visited\"\nat = \"at\"\nidentifiers = { subscriber = \"who\" }\n";
    let company = Invented::that_counts("customers")
        .with("customers.toml", customers)
        .subscriptions("billing", "complete-until = \"2026-10-31\"", ROWS)
        .with("sources/door.toml", visits)
        .with(
            "exports/door.csv",
            "who,at\nana,2026-02-10\nbo,2026-02-20\nbo,2026-03-20\n",
        )
        .imported();
    // Cleo's silence ended on 8 March, Ana's on 11 April; Bo's would end in May, of which the door says nothing.
    let year = company.json("card --period 2026 --as-of 2026-12-31");
    assert_eq!(
        (year["lost"].as_u64(), year["so_far"].as_bool()),
        (Some(2), Some(true))
    );
    assert_eq!(year["reported_by"], "door");
    assert_eq!(
        company.json("customer bo --as-of 2026-12-31")["is_customer"],
        true
    );
}

#[test]
fn a_period_closes_no_earlier_than_its_end_and_the_lag() {
    let lagging = until_march("lag = \"3 days\"");
    assert_eq!(lagging.json("card")["period"], "2026-02");
    let march = lagging.json("card --period 2026-03");
    assert_eq!(
        (march["so_far"].as_bool(), march["lost"].as_u64()),
        (Some(true), Some(1))
    );
    assert_eq!(march["reported_until"], "2026-03-28T23:00:00Z");
    assert_eq!(lagging.json("people lost")["period"], "2026-02");
    let prompt = until_march("");
    assert_eq!(prompt.json("card")["period"], "2026-03");
    assert_eq!(prompt.json("card --as-of 2026-08-01")["period"], "2026-03");
}

#[test]
fn a_ledger_of_which_no_definition_speaks_yet_is_not_empty() {
    let company = Invented::that_counts("customers")
        .with("customers.toml", "[identifier.subscriber]\n")
        .subscriptions("billing", "complete-until = \"2026-03-31\"", ROWS)
        .imported();
    let card = company.json("card");
    assert_eq!(card["as_of"], "2026-03-31T22:00:00Z");
    let refused = "customers.toml does not say yet what makes somebody a customer";
    assert_eq!(card["refused"], refused);
    assert_eq!(
        company.json("customer ana")["moments"][0]["kind"],
        "subscription_started"
    );
}

#[test]
fn a_cut_off_that_was_declared_too_late_can_be_corrected() {
    let company = until_march("");
    let definition = company.path().join("sources/billing.toml");
    let text = std::fs::read_to_string(&definition).unwrap();
    let declare = |day: &str| std::fs::write(&definition, text.replace("2026-03-31", day)).unwrap();
    declare("2026-10-31");
    company.text("import");
    assert_eq!(company.json("card")["period"], "2026-10");
    declare("2026-03-31");
    assert_eq!(
        company.json("card")["period"],
        "2026-03",
        "as soon as it is declared"
    );
    company.text("import");
    let card = company.json("card");
    assert_eq!(card["period"], "2026-03");
    assert_eq!(card["as_of"], "2026-03-31T22:00:00Z");
}
