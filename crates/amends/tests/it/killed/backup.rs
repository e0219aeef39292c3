//! Backups that are killed.

use std::path::Path;

use amends_testkit::rounds;
use amends_testkit::tempfile::tempdir;
use serde_json::Value;

use super::{Killer, LONG, SHORT, answers, clean};
use crate::program::{amends, copy, json, simulated, text};
use crate::strays;

/// What a project answers after a backup was restored to it; `None` where the backup is refused, which must be said plainly.
pub(crate) fn restored(definitions: &Path, backup: &Path) -> Option<Value> {
    let here = tempdir().unwrap();
    let project = here.path().join("project");
    copy(definitions, &project);
    let output = amends(&project, &["restore", backup.to_str().unwrap()]);
    if output.status.success() {
        return Some(answers(&project));
    }
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(3) && talk.contains("AM0422"),
        "{talk}"
    );
    assert!(
        !project.join(".amends/ledger").exists(),
        "nothing was restored"
    );
    None
}

#[test]
fn a_killed_backup_is_whole_is_the_old_one_or_is_refused() {
    let here = tempdir().unwrap();
    let project = simulated(here.path(), 150);
    text(&project, &["import", "billing", "desk"]);
    let old = answers(&project);
    let old_backup = here.path().join("old");
    text(&project, &["backup", old_backup.to_str().unwrap()]);
    text(&project, &["import"]);
    let new = answers(&project);
    assert_ne!(old, new);
    let mut killer = Killer::new(25, rounds(SHORT, LONG));
    let whole = here.path().join("whole");
    killer.time(|| text(&project, &["backup", whole.to_str().unwrap()]));
    let files = strays::files(&whole).len();
    let mut over_an_old_one = false;
    while !killer.is_done() {
        let round = tempdir().unwrap();
        let backup = round.path().join("backup");
        if over_an_old_one {
            copy(&old_backup, &backup);
        }
        let to = backup.to_str().unwrap();
        while killer.strike(&project, &["backup", to]) {
            let found = restored(&project, &backup);
            match &found {
                Some(found) => {
                    assert!(*found == new || over_an_old_one && *found == old, "{found}")
                }
                None => assert!(!over_an_old_one, "the old backup was whole"),
            }
        }
        assert_eq!(restored(&project, &backup).as_ref(), Some(&new));
        assert_eq!(
            strays::files(&backup).len(),
            files,
            "nothing is left of what was killed"
        );
        over_an_old_one = !over_an_old_one;
    }
    assert_eq!(answers(&project), new);
    clean(&project);
    assert_eq!(json(&project, &["doctor"])["good"], true);
}
