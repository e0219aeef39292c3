//! A bad export is refused a figure (rule 20): each source is judged by itself, over everything that was imported.

use serde_json::Value;

use crate::invented::Invented;

const WITH_ENDS: &str = "s-1,ana,2026-01-05,,
s-2,bo,2026-01-06,2026-03-09,moved
s-3,cleo,2026-01-07,2026-03-20,
";
const ACTIVE: &str = "b-1,dag,2026-01-05,,\nb-2,eve,2026-01-06,,\n";
const UNTIL: &str = "complete-until = \"2026-03-31\"";

#[test]
fn one_export_of_active_customers_among_good_ones_is_named() {
    let company = Invented::with_customers()
        .subscriptions("good", UNTIL, WITH_ENDS)
        .subscriptions("boxes", UNTIL, ACTIVE)
        .imported();
    let card = company.json("card --period 2026-03");
    let refused = "this export holds only active customers: boxes tells of 2 that began and of none that ended, so who was lost cannot \
                   be told, and opening, new and returned count only those who are still there";
    assert_eq!(card["refused"], refused);
    assert_eq!(
        (&card["lost"], &card["closing"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(card["opening"], 5);
}

#[test]
fn nobody_had_left_yet_is_no_fault_of_an_export_that_tells_of_later_ends() {
    let company = Invented::with_customers()
        .subscriptions("good", UNTIL, WITH_ENDS)
        .imported();
    let card = company.json("card --period 2026-02 --as-of 2026-03-01");
    assert_eq!(card["refused"], Value::Null);
    assert_eq!(
        (card["opening"].as_u64(), card["lost"].as_u64()),
        (Some(3), Some(0))
    );
}

#[test]
fn an_export_whose_contracts_another_one_ends_is_whole() {
    let company = Invented::with_customers()
        .subscriptions(
            "signed",
            UNTIL,
            "b-1,dag,2026-01-05,,\nb-2,eve,2026-01-06,,\n",
        )
        .subscriptions("left", UNTIL, "b-2,eve,,2026-03-03,moved\n")
        .imported();
    let card = company.json("card --period 2026-03");
    assert_eq!(card["refused"], Value::Null);
    assert_eq!(
        (card["opening"].as_u64(), card["lost"].as_u64()),
        (Some(2), Some(1))
    );
}
