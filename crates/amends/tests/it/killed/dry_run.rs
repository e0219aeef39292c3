//! Dry runs that are killed.

use std::fs;

use amends_testkit::rounds;
use amends_testkit::tempfile::tempdir;

use super::{Killer, LONG, SHORT, answers, clean};
use crate::program::{copy, json, text};
use crate::several::{self, Size};

#[test]
fn a_killed_dry_run_leaves_nothing_behind_and_has_changed_nothing() {
    let here = tempdir().unwrap();
    let project = here.path().join("project");
    several::project(&project, Size::Small);
    let later = project.join("exports/billing-02.csv");
    let rows = fs::read(&later).unwrap();
    fs::remove_file(&later).unwrap();
    text(&project, &["import"]);
    let before = answers(&project);
    fs::write(&later, rows).unwrap();
    let copied = here.path().join("copied");
    copy(&project, &copied);
    let dry_run = ["import", "--dry-run"];
    let mut killer = Killer::new(23, rounds(SHORT, LONG));
    let would_move = killer.time(|| json(&project, &dry_run)["moves"].clone());
    assert_ne!(would_move.as_array().unwrap().len(), 0);
    let imports = json(&project, &["imports"]);
    while !killer.is_done() {
        if killer.strike(&project, &dry_run) {
            assert_eq!(json(&project, &["imports"]), imports);
            clean(&project);
        }
    }
    assert_eq!(answers(&project), before);
    assert_eq!(json(&project, &dry_run)["moves"], would_move);
    text(&project, &["import"]);
    text(&copied, &["import"]);
    assert_eq!(answers(&project), answers(&copied));
}
