//! Restores that are killed.

use std::path::Path;

use amends_testkit::rounds;
use amends_testkit::tempfile::tempdir;
use serde_json::Value;

use super::{Killer, LONG, SHORT, answers, clean};
use crate::program::{amends, copy_all, simulated, text};

/// What a project answers; none where it says that a restore was cut short, and what to do.
fn found(project: &Path) -> Option<Value> {
    let output = amends(project, &["card"]);
    if output.status.success() {
        return Some(answers(project));
    }
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(3) && talk.contains("AM0424"),
        "{talk}"
    );
    assert!(talk.contains("run `amends restore` again"), "{talk}");
    None
}

#[test]
fn a_killed_restore_has_not_begun_is_whole_or_is_refused() {
    let here = tempdir().unwrap();
    let project = simulated(here.path(), 120);
    text(&project, &["import", "billing", "desk"]);
    let old = answers(&project);
    let backup = here.path().join("backup");
    let restore = ["restore", backup.to_str().unwrap(), "--replace"];
    text(&project, &["backup", restore[1]]);
    text(&project, &["import"]);
    let new = answers(&project);
    assert_ne!(old, new);
    let whole = here.path().join("whole");
    copy_all(&project, &whole);
    let mut killer = Killer::new(29, rounds(SHORT, LONG));
    killer.time(|| text(&whole, &restore));
    while !killer.is_done() {
        let round = tempdir().unwrap();
        let project_of_round = round.path().join("project");
        copy_all(&project, &project_of_round);
        while killer.strike(&project_of_round, &restore) {
            let found = found(&project_of_round);
            assert!(found.is_none_or(|found| found == new || found == old));
        }
        assert_eq!(answers(&project_of_round), old);
        clean(&project_of_round);
    }
}
