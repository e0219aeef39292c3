//! A subscription that had ended, and has not any more.

use serde_json::Value;

use crate::invented::Invented;

const FIRST: &str = "s-1,ana,2026-01-05,2026-03-02,moved\ns-2,bo,2026-01-06,,\ns-3,cy,2026-01-07,2026-03-09,price\n";
const MENDED: &str =
    "s-1,ana,2026-01-05,,\ns-2,bo,2026-01-06,,\ns-3,cy,2026-01-07,2026-03-09,price\n";

/// Opening, new, returned, lost and closing.
fn math(company: &Invented) -> [i64; 5] {
    let card = company.json("card --period 2026-03");
    let number = |name: &str| {
        card[name]
            .as_i64()
            .unwrap_or_else(|| panic!("{name}: {card}"))
    };
    let all = ["opening", "new", "returned", "lost", "closing"].map(number);
    assert_eq!(all[0] + all[1] + all[2] - all[3], all[4]);
    all
}

fn lost(company: &Invented) -> usize {
    let people = company.json("people lost --period 2026-03");
    people["items"].as_array().unwrap().len()
}

#[test]
fn a_customer_whose_end_was_taken_back_is_lost_no_longer_until_that_is_undone() {
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers()
        .subscriptions("billing", says, FIRST)
        .imported();
    assert_eq!((math(&company), lost(&company)), ([3, 0, 0, 2, 1], 2));
    let rows = format!("id,who,started_on,ended_on,reason\n{MENDED}");
    company.write("exports/billing.csv", &rows);
    let tried = company.json("import --dry-run");
    let imported = company.json("import");
    let counts = |answer: &Value| {
        let source = &answer["sources"]["billing"];
        ["received", "stored", "duplicate", "quarantined"].map(|name| source[name].as_u64())
    };
    assert_eq!(counts(&imported), [3, 1, 2, 0].map(Some));
    let moved: Vec<&Value> = tried["moves"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|moved| moved["figure"] == "lost")
        .collect();
    assert_eq!(moved.len(), 1, "{tried}");
    assert_eq!(
        (moved[0]["before"].as_i64(), moved[0]["after"].as_i64()),
        (Some(2), Some(1))
    );
    assert_eq!((math(&company), lost(&company)), ([3, 0, 0, 1, 2], 1));
    assert_eq!(company.json("doctor")["good"], true);
    company.json("import --undo 2");
    assert_eq!((math(&company), lost(&company)), ([3, 0, 0, 2, 1], 2));
    assert_eq!(company.json("doctor")["good"], true);
}
