//! Ends that are only planned: they count once they have come, and whoever has one is a customer until then.

use crate::invented::Invented;

const ROWS: &str = "s-1,ana,2026-01-05,2099-01-31,moved\ns-2,bo,2026-01-06,2026-02-03,moved\n";

fn company(planned: bool) -> Invented {
    let says = "complete-until = \"2026-02-28\"";
    let company = Invented::with_customers().subscriptions("billing", says, ROWS);
    let path = company.path().join("sources/billing.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let end = "at = \"ended_on\"\n";
    assert!(text.contains(end));
    let with = format!("{end}planned = true\n");
    std::fs::write(
        &path,
        if planned {
            text.replace(end, &with)
        } else {
            text
        },
    )
    .unwrap();
    company
}

#[test]
fn a_planned_end_waits_and_the_row_is_read_well() {
    let company = company(true);
    let imported = company.json("import");
    let billing = &imported["sources"]["billing"];
    assert_eq!(
        (&billing["stored"], &billing["quarantined"]),
        (&2.into(), &0.into())
    );
    let card = company.json("card --period 2026-02");
    assert_eq!(
        (&card["opening"], &card["lost"], &card["closing"]),
        (&2.into(), &1.into(), &1.into())
    );

    // It came earlier than planned.
    company.write(
        "exports/billing.csv",
        &format!(
            "id,who,started_on,ended_on,reason\n{}",
            ROWS.replace("2099-01-31", "2026-02-20")
        ),
    );
    company.text("import");
    let card = company.json("card --period 2026-02");
    assert_eq!((&card["lost"], &card["closing"]), (&2.into(), &0.into()));
}

#[test]
fn what_is_not_called_a_plan_may_not_lie_ahead() {
    let company = company(false);
    assert_eq!(
        company.json("import")["sources"]["billing"]["quarantined"],
        1
    );
    assert!(company.text("quarantine list").contains("AM0531"));
}
