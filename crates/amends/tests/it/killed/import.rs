//! Imports that are killed.

use amends_testkit::rounds;
use amends_testkit::tempfile::tempdir;

use super::{Killer, LONG, SHORT, answers, clean};
use crate::program::{copy, json, text};
use crate::several::{self, Size};

#[test]
fn a_killed_import_goes_on_to_the_same_state() {
    kill(Killer::new(21, rounds(SHORT, LONG)), Size::Small);
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that skips says so")]
fn so_does_one_that_seals_the_tail_and_merges_segments() {
    match rounds(0, 10) {
        0 => eprintln!("skipped: this takes minutes, so only `cargo xtask test --long` does it"),
        kills => kill(Killer::new(26, kills), Size::SealsAndMerges),
    }
}

fn kill(mut killer: Killer, size: Size) {
    let here = tempdir().unwrap();
    let exports = here.path().join("exports");
    several::project(&exports, size);
    let undisturbed = here.path().join("undisturbed");
    copy(&exports, &undisturbed);
    killer.time(|| text(&undisturbed, &["import"]));
    let expected = answers(&undisturbed);
    let minted = several::minted(&undisturbed);
    while !killer.is_done() {
        let round = tempdir().unwrap();
        let project = round.path().join("project");
        copy(&exports, &project);
        while killer.strike(&project, &["import"]) {
            // Whatever there is now can be asked, and every import balances.
            let imports = json(&project, &["imports"]);
            for import in imports["items"].as_array().unwrap() {
                let of = |name: &str| import[name].as_u64().unwrap();
                let accounted = of("stored") + of("duplicate") + of("quarantined");
                assert_eq!(of("received"), accounted, "{import}");
            }
            let examined = json(&project, &["doctor"]);
            assert_eq!(examined["good"], true, "{examined}");
        }
        assert_eq!(answers(&project), expected);
        assert_eq!(
            several::minted(&project),
            minted,
            "nobody was minted in vain"
        );
        clean(&project);
    }
}
