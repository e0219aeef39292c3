//! Backups: while others work, damaged, restored, and what is younger than they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use amends_testkit::tempfile::{TempDir, tempdir};
use serde_json::Value;

use crate::private::{EVA, holding};
use crate::program::{amends, copy, json, text};

/// A project with segments, a tail and rows in quarantine.
fn project() -> (TempDir, PathBuf) {
    let here = tempdir().unwrap();
    let project = here.path().join("shop");
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/folders/0.1.0"),
        &project,
    );
    fs::rename(project.join("data"), project.join(".amends")).unwrap();
    (here, project)
}

/// The same definitions without any data.
fn without_data(project: &Path, name: &str) -> PathBuf {
    let other = project.parent().unwrap().join(name);
    copy(project, &other);
    other
}

/// Every answer that a project gives.
fn answers(project: &Path) -> Vec<Value> {
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["letdowns"],
        vec!["letdowns", "--promise", "first-answer"],
        vec!["due", "--within", "60 days"],
        vec!["people", "new", "--period", "2026-03"],
        vec!["people", "lost", "--period", "2026-03"],
        vec!["identity", "explain", EVA],
        vec!["customer", EVA, "--reveal"],
        vec!["customer", "--someone", "--reveal"],
        vec!["quarantine", "list"],
        vec!["quarantine", "explain", "3/1", "--reveal"],
        vec!["hold", "list"],
    ];
    commands.extend(["2026-01", "2026-02", "2026-03"].map(|month| vec!["card", "--period", month]));
    let mut answers: Vec<Value> = commands
        .iter()
        .map(|command| json(project, command))
        .collect();
    let examined = json(project, &["doctor"]);
    assert_eq!(examined["good"], true, "{examined}");
    answers.push(examined["state"].clone());
    answers
}

fn refused(project: &Path, arguments: &[&str]) -> String {
    let output = amends(project, arguments);
    assert_eq!(
        output.status.code(),
        Some(3),
        "amends {}",
        arguments.join(" ")
    );
    String::from_utf8(output.stderr).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_none_or(|ending| ending != "lock") {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_is_restored_gives_every_answer_that_the_original_gives() {
    let (_keep, project) = project();
    text(
        &project,
        &[
            "hold",
            "add",
            "ada.brook@example.com",
            "--reason",
            "lawsuit",
        ],
    );
    let done = json(&project, &["backup", "../backup"]);
    assert_eq!((&done["copied"], &done["kept"]), (&7.into(), &0.into()));
    let restored = without_data(&project, "restored");
    assert_eq!(
        json(&restored, &["restore", "../backup"])["erasures_repeated"],
        0
    );
    assert!(answers(&project) == answers(&restored));
    // Ledger, vault and key say nothing about each other.
    let backup = project.parent().unwrap().join("backup");
    let key = fs::read(project.join(".amends/vault/master.key")).unwrap();
    for part in ["ledger", "vault"] {
        for file in files(&backup.join(part)) {
            let bytes = fs::read(&file).unwrap();
            assert!(
                !bytes.windows(64).any(|at| at == &key[..64]),
                "{}",
                file.display()
            );
        }
    }
    let said = refused(&project, &["restore", "../backup"]);
    assert!(
        said.contains("AM0423") && said.contains("--replace"),
        "{said}"
    );
    text(&project, &["restore", "../backup", "--replace"]);
    assert!(answers(&project) == answers(&restored));
}

#[test]
fn a_second_backup_copies_only_what_is_new() {
    let (_keep, project) = project();
    text(&project, &["backup", "../backup", "--key-to", "../safe"]);
    let tickets = project.join("exports/tickets.csv");
    let rows = fs::read_to_string(&tickets).unwrap();
    fs::write(
        &tickets,
        rows + "t-50,eva.fenn@example.com,2026-03-30 10:00,,Canal,repair,More\n",
    )
    .unwrap();
    text(&project, &["import"]);
    let again = json(&project, &["backup", "../backup", "--key-to", "../safe"]);
    assert_eq!(
        (&again["copied"], &again["kept"]),
        (&3.into(), &4.into()),
        "{again}"
    );
    let restored = without_data(&project, "restored");
    text(&restored, &["restore", "../backup", "--key-to", "../safe"]);
    assert!(answers(&project) == answers(&restored));
    let backup = project.parent().unwrap().join("backup");
    assert_eq!(
        files(&backup).len(),
        2 + 4 + 2,
        "nothing of the first is left over"
    );
    fs::create_dir(project.parent().unwrap().join("other")).unwrap();
    fs::write(project.parent().unwrap().join("other/letter.txt"), "dear").unwrap();
    let said = refused(&project, &["backup", "../other", "--key-to", "../other"]);
    assert!(said.contains("AM0421"), "{said}");
    assert!(refused(&project, &["backup", ".amends/backup"]).contains("AM0421"));
}

#[test]
fn a_backup_damaged_in_one_byte_is_refused_and_the_file_named() {
    let (_keep, project) = project();
    text(&project, &["backup", "../backup"]);
    let restored = without_data(&project, "restored");
    let backup = project.parent().unwrap().join("backup");
    let all = files(&backup);
    assert_eq!(all.len(), 7 + 3);
    for file in all {
        let whole = fs::read(&file).unwrap();
        let mut damaged = whole.clone();
        let place = damaged.len() * 2 / 3;
        damaged[place] ^= 1;
        fs::write(&file, &damaged).unwrap();
        let said = refused(&restored, &["restore", "../backup"]);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(
            said.contains("AM0422") && said.contains(name),
            "{}: {said}",
            file.display()
        );
        fs::remove_file(&file).unwrap();
        assert!(refused(&restored, &["restore", "../backup"]).contains("AM0422"));
        fs::write(&file, &whole).unwrap();
        assert!(!restored.join(".amends").exists(), "nothing was restored");
    }
    text(&restored, &["restore", "../backup"]);
}

#[test]
fn what_was_erased_after_the_backup_is_erased_again_after_the_restore() {
    let (_keep, project) = project();
    text(&project, &["backup", "../backup"]);
    text(&project, &["erase", EVA, "--yes"]);
    let after = answers(&project);
    let done = json(&project, &["restore", "../backup", "--replace"]);
    assert_eq!(done["journal_found"], true);
    assert_eq!(done["erasures_repeated"], 1, "{done}");
    assert!(answers(&project) == after);
    text(&project, &["import"]);
    assert!(json(&project, &["customer", EVA, "--reveal"])["names"].is_null());
    let words = [EVA, "Eva Fenn", "brakes rub", "ada.brook"];
    let (data, backup) = (
        project.join(".amends"),
        project.parent().unwrap().join("backup"),
    );
    assert_eq!(holding(&data, &words), Vec::<PathBuf>::new());
    assert_eq!(holding(&backup, &words), Vec::<PathBuf>::new());
    assert!(
        !holding(&data, &["subscription_started"]).is_empty(),
        "the scan reads segments"
    );
    // Without the journal those that it names are back, and that is said.
    let alone = without_data(&project, "alone");
    let said = text(&alone, &["restore", "../backup"]);
    assert!(said.contains("there is no journal of erasures"), "{said}");
    let said = json(&alone, &["restore", "../backup", "--replace"]);
    assert_eq!(said["journal_found"], false);
    // On another machine the journal comes with the definitions, or from wherever it is copied to.
    let restored = without_data(&project, "restored");
    let manifest = fs::read_to_string(restored.join("amends.toml")).unwrap();
    fs::write(
        restored.join("amends.toml"),
        format!("erasures = \"../journal.jsonl\"\n{manifest}"),
    )
    .unwrap();
    fs::copy(
        project.join(".amends/erasures.jsonl"),
        project.parent().unwrap().join("journal.jsonl"),
    )
    .unwrap();
    assert_eq!(
        json(&restored, &["restore", "../backup"])["erasures_repeated"],
        1
    );
    assert!(answers(&restored) == after);
    // Nobody notices that a journal is lost but the vault, which remembers what was done.
    fs::remove_file(project.parent().unwrap().join("journal.jsonl")).unwrap();
    let examined = amends(&restored, &["doctor"]);
    assert_eq!(examined.status.code(), Some(1));
    assert!(
        String::from_utf8(examined.stdout)
            .unwrap()
            .contains("1 erasure that the vault knows of")
    );
}

#[test]
fn a_damaged_journal_stops_a_restore_before_it_begins() {
    let (_keep, project) = project();
    text(&project, &["backup", "../backup"]);
    text(&project, &["erase", EVA, "--yes"]);
    let journal = project.join(".amends/erasures.jsonl");
    let said = fs::read_to_string(&journal).unwrap();
    fs::write(
        &journal,
        said.replace("\"perhaps\":false", "\"perhaps\":true"),
    )
    .unwrap();
    assert!(refused(&project, &["restore", "../backup", "--replace"]).contains("AM0311"));
    fs::write(&journal, said).unwrap();
    assert!(
        json(&project, &["customer", EVA])["erased"]
            .as_object()
            .unwrap()
            .len()
            == 2
    );
}

#[test]
fn a_backup_made_while_an_import_runs_is_whole() {
    let (_keep, project) = project();
    let mut rows = String::from("id,email,opened_at,answered_at,shop,topic,subject\n");
    for n in 0..20_000 {
        let (day, hour) = (1 + n % 28, n % 24);
        rows += &format!(
            "n-{n},p{}@example.com,2026-02-{day:02} {hour:02}:15,,Canal,question,Question {n}\n",
            n % 5_000
        );
    }
    fs::write(project.join("exports/tickets.csv"), rows).unwrap();
    let mut importing = Command::new(env!("CARGO_BIN_EXE_amends"))
        .args(["import", "--json"])
        .current_dir(&project)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut backups = 0;
    while importing.try_wait().unwrap().is_none() {
        text(&project, &["backup", "../backup"]);
        backups += 1;
        let restored = without_data(&project, &format!("restored-{backups}"));
        text(&restored, &["restore", "../backup"]);
        assert_eq!(json(&restored, &["doctor"])["good"], true);
        let counted = json(&restored, &["card", "--period", "2026-03"]);
        assert_eq!(counted["closing"], 11);
    }
    assert!(importing.wait().unwrap().success() && backups > 0);
    text(&project, &["backup", "../backup"]);
    let restored = without_data(&project, "restored");
    text(&restored, &["restore", "../backup"]);
    assert!(answers(&project) == answers(&restored));
}
