//! A ledger or a vault that is gone is not taken for a new one: that would forget everybody.

use std::fs;

use crate::invented::Invented;

const ROWS: &str = "s-1,ana,2026-01-05,,\ns-2,bo,2026-01-06,2026-02-03,moved\n";

#[test]
fn what_is_lost_is_said_and_nothing_is_changed_until_it_is_back() {
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers()
        .subscriptions("billing", says, ROWS)
        .imported();
    let card = company.json("card --period 2026-02");
    let data = company.path().join(".amends");
    for (part, code) in [("vault", "AM0307"), ("ledger", "AM0415")] {
        let (there, aside) = (data.join(part), data.join("aside"));
        fs::rename(&there, &aside).unwrap();
        for command in ["import", "card", "doctor", "import --undo 1"] {
            let (_, talk) = company.fails(command);
            assert!(talk.contains(code), "{part}, {command}: {talk}");
        }
        fs::remove_dir_all(&there).unwrap();
        fs::rename(&aside, &there).unwrap();
        assert_eq!(company.json("card --period 2026-02"), card, "{part}");
    }
}

#[test]
fn a_project_of_which_nothing_was_imported_yet_is_new_and_not_lost() {
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers().subscriptions("billing", says, "");
    let (_, talk) = company.fails("card");
    assert!(talk.contains("AM0017"), "{talk}");
    company.text("import");
    company.text("import");
    assert_eq!(company.json("doctor")["good"], true);
}
