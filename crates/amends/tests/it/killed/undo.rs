//! Undos that are killed.

use amends_testkit::rounds;
use amends_testkit::tempfile::tempdir;

use super::{Killer, LONG, SHORT, answers, clean};
use crate::program::{copy_all, json, simulated, text};

#[test]
fn a_killed_undo_was_done_or_was_not() {
    let here = tempdir().unwrap();
    let base = simulated(here.path(), 150);
    let company = here.path().join("c");
    text(&base, &["import"]);
    let number = json(&base, &["imports", "shop"])["items"][0]["import"].to_string();
    let undo = ["import", "--undo", &number];
    let before = answers(&base);
    copy_all(&company, &here.path().join("undisturbed"));
    let undisturbed = here.path().join("undisturbed/project");
    let mut killer = Killer::new(22, rounds(SHORT, LONG));
    killer.time(|| text(&undisturbed, &undo));
    let after = answers(&undisturbed);
    assert_ne!(before, after);
    while !killer.is_done() {
        let round = tempdir().unwrap();
        copy_all(&company, round.path());
        let project = round.path().join("project");
        while killer.strike(&project, &undo) {
            let is_done = json(&project, &["imports", "shop"])["items"][0]["counts"] == false;
            assert_eq!(
                answers(&project),
                if is_done {
                    after.clone()
                } else {
                    before.clone()
                }
            );
            if is_done {
                break;
            }
        }
        assert_eq!(answers(&project), after);
        text(&project, &["import"]);
        assert_eq!(answers(&project), before, "it can be imported again");
        clean(&project);
    }
}
