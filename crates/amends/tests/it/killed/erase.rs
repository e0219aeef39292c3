//! Erasures that are killed.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use amends_custody::ERASED;
use amends_ledger::{Filter, Ledger};
use amends_testkit::rounds;
use amends_testkit::tempfile::{TempDir, tempdir};
use serde_json::Value;

use super::{Killer, LONG, SHORT, clean};
use crate::private::EVA;
use crate::program::{copy_all, json, text};

const ERASE: [&str; 3] = ["erase", EVA, "--yes"];

/// The project of the template, imported, with so many records and rows set aside about Eva that erasing her takes a while.
pub(crate) fn project() -> (TempDir, PathBuf) {
    let here = tempdir().unwrap();
    text(here.path(), &["init", "shop"]);
    let project = here.path().join("shop");
    let tickets = project.join("exports/tickets.csv");
    let mut rows = fs::read_to_string(&tickets).unwrap();
    for n in 0..2_000 {
        let (day, hour) = (1 + n % 28, n % 24);
        writeln!(
            rows,
            "e-{n},{EVA},2026-02-{day:02} {hour:02}:15,,Canal,question,Question {n}"
        )
        .unwrap();
    }
    for n in 0..300 {
        let whom = if n % 3 == 0 {
            EVA
        } else {
            "una.vale@example.com"
        };
        writeln!(rows, "b-{n},{whom},2026-02-30 10:00,,Canal,repair,A wheel").unwrap();
    }
    fs::write(tickets, rows).unwrap();
    text(&project, &["import"]);
    (here, project)
}

/// What is still kept about Eva: everything, or nothing; in between is half an erasure. Whoever asks opens the project, and so has the journal
/// carried out.
pub(crate) fn is_there(project: &Path) -> bool {
    let told = json(project, &["export-person", EVA]);
    let all = |part: &str| told[part].as_array().unwrap().clone();
    let kept: Vec<bool> = all("identifiers")
        .iter()
        .map(|one| one["name"].is_string())
        .collect();
    let erased = all("identifiers")
        .iter()
        .filter(|one| one["erased_at"].is_string())
        .count();
    let (fields, rows) = (all("personal").len(), all("quarantined").len());
    let is_there = kept.iter().all(|kept| *kept);
    match is_there {
        true => assert_eq!((erased, fields, rows), (0, 2_003, 100)),
        false => {
            assert!(kept.iter().all(|kept| !kept), "{:?}", told["identifiers"]);
            assert_eq!((erased, fields, rows), (kept.len(), 0, 0));
        }
    }
    is_there
}

/// What an erasure does not change, how many the journal holds, and how many the ledger has decided.
pub(crate) fn answers(project: &Path) -> (Value, usize, usize) {
    let examined = json(project, &["doctor"]);
    assert_eq!(examined["good"], true, "{examined}");
    let journal = fs::read_to_string(project.join(".amends/erasures.jsonl")).unwrap_or_default();
    let promises = json(project, &["letdowns"])["promises"].clone();
    (promises, journal.lines().count(), decided(project))
}

fn decided(project: &Path) -> usize {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(&project.join(".amends/ledger")).await.unwrap();
        let snapshot = ledger.snapshot().await.unwrap();
        if !snapshot.kinds().contains_key(ERASED) {
            return 0;
        }
        let decided = snapshot.scan(ERASED, &["id"], &Filter::default()).unwrap();
        decided.map(|batch| batch.unwrap().num_rows()).sum()
    })
}

#[test]
fn a_killed_erasure_has_not_begun_or_is_carried_out_to_its_end() {
    let (_keep, base) = project();
    assert!(is_there(&base));
    let before = answers(&base);
    let round = tempdir().unwrap();
    let undisturbed = round.path().join("undisturbed");
    copy_all(&base, &undisturbed);
    let mut killer = Killer::new(24, rounds(SHORT, LONG));
    killer.time(|| text(&undisturbed, &ERASE));
    assert!(!is_there(&undisturbed));
    let after = answers(&undisturbed);
    while !killer.is_done() {
        let round = tempdir().unwrap();
        let project = round.path().join("project");
        copy_all(&base, &project);
        while killer.strike(&project, &ERASE) {
            let is_there = is_there(&project);
            assert_eq!(
                answers(&project),
                if is_there {
                    before.clone()
                } else {
                    after.clone()
                }
            );
            if !is_there {
                break;
            }
        }
        assert!(!is_there(&project));
        assert_eq!(answers(&project), after);
        clean(&project);
    }
}
