//! The moment of which questions are asked by default follows the sources that definitions use: a plan says where it would move.

use serde_json::Value;

use crate::fractures::broken;
use crate::invented::Invented;

const DESK: &str = "[source.desk]\nsays = \"Calls\"\nmain = \"rows\"\nkey = \"id\"\ncomplete-until = \"2026-02-28\"\n\
    [source.desk.file.rows]\npath = \"exports/desk.csv\"\n[source.desk.file.rows.columns]\ncalled = \"timestamp\"\nanswered = \"timestamp\"\n\
    [[source.desk.event]]\nkind = \"called\"\nat = \"called\"\nabout = \"id\"\nidentifiers = { subscriber = \"who\" }\n\
    [[source.desk.event]]\nkind = \"answered\"\nat = \"answered\"\nabout = \"id\"\nidentifiers = { subscriber = \"who\" }\n";
const CALLS: &str = "id,who,called,answered\nc-1,w-1,2026-02-02T10:00:00,2026-02-02T10:05:00\nc-2,w-2,2026-02-03T10:00:00,\n";
const ANSWER: &str = "[promise.answer]\nsays = \"Whoever calls is answered within an hour\"\nmade-by = \"desk\"\nopens = \"called\"\nkept = \"answered\"\nby = \"1 hours\"\n";

/// Soap, whose records end with March, and calls, which end with February and of which nothing is promised yet.
fn company() -> Invented {
    let company = broken()
        .with("sources/desk.toml", DESK)
        .with("exports/desk.csv", CALLS)
        .imported();
    company.json("plan --in-force --approver Ada");
    company
}

#[test]
fn a_plan_says_of_which_moment_questions_would_be_asked() {
    let company = company();
    let now = company.json("letdowns")["as_of"].clone();
    assert_eq!(now, "2026-03-31T22:00:00Z");
    company.write("promises/answer.toml", ANSWER);
    let plan = company.json("plan");
    assert_eq!(plan["as_of"], now);
    let then = plan["would_be_as_of"].clone();
    assert_eq!(then, "2026-02-28T23:00:00Z");
    let text = company.text("plan");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "Questions would be asked as of 2026-03-01 00:00, as far as the sources have reported that these definitions use";
    assert!(flat.contains(said), "{text}");
    // Whoever names the moment asks of that one, and nothing would move it.
    let named = company.json("plan --as-of 2026-03-15");
    assert_eq!(named["would_be_as_of"], Value::Null);
    // Put in force, it is so.
    company.json("plan --in-force --approver Ada");
    assert_eq!(company.json("letdowns")["as_of"], then);
    let plan = company.json("plan");
    assert_eq!(plan["would_be_as_of"], Value::Null);
}

#[test]
fn a_plan_that_moves_no_moment_says_nothing_of_it() {
    let company = company();
    let shorter = crate::fractures::PROMISE.replace("4 days", "2 days");
    company.write("promises/parcel.toml", &shorter);
    let plan = company.json("plan");
    assert_eq!(plan["promises"][0]["change"], "changed");
    assert_eq!(plan["would_be_as_of"], Value::Null);
    let text = company.text("plan");
    assert!(!text.contains("Questions would be asked"), "{text}");
}
