//! One person told everything, held, erased: by the program, on whole data folders, down to the bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use amends_testkit::tempfile::{TempDir, tempdir};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::program::{amends, copy, json, text};

/// A rider of the template, who wrote and was let down.
pub(crate) const EVA: &str = "eva.fenn@example.com";

/// The project of the template, imported, with rows in quarantine of which one names Eva.
pub(crate) fn project() -> (TempDir, PathBuf) {
    let here = tempdir().unwrap();
    text(here.path(), &["init", "shop"]);
    let project = here.path().join("shop");
    let tickets = project.join("exports/tickets.csv");
    let mut rows = fs::read_to_string(&tickets).unwrap();
    rows += "t-98,EVA.Fenn@example.com,2026-02-30 10:00,,Canal,repair,A wheel\n";
    rows += "t-99,una.vale@example.com,2026-02-30 10:00,,Canal,repair,A pedal\n";
    fs::write(tickets, rows).unwrap();
    text(&project, &["import"]);
    (here, project)
}

/// What a command that must fail says.
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

/// In which files below a folder one of some words stands: in the bytes, and in the values of Parquet files, which are packed.
pub(crate) fn holding(folder: &Path, words: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, words));
            continue;
        }
        let mut bytes = fs::read(&path).unwrap();
        if path.extension().is_some_and(|ending| ending == "parquet") {
            bytes.extend(unpacked(&path));
        }
        bytes.make_ascii_lowercase();
        let holds = |word: &&str| {
            let plain = word.to_ascii_lowercase().into_bytes();
            let wide: Vec<u8> = plain.iter().flat_map(|byte| [*byte, 0]).collect();
            let stands = |word: &[u8]| bytes.windows(word.len()).any(|at| at == word);
            stands(&plain) || stands(&wide)
        };
        if words.iter().any(holds) {
            found.push(path);
        }
    }
    found
}

fn unpacked(path: &Path) -> Vec<u8> {
    let file = fs::File::open(path).unwrap();
    let rows = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let mut text = String::new();
    for batch in rows.build().unwrap() {
        let batch = batch.unwrap();
        text += &arrow::util::pretty::pretty_format_batches(&[batch])
            .unwrap()
            .to_string();
    }
    text.into_bytes()
}

#[test]
fn one_command_tells_a_person_everything_and_nothing_of_others() {
    let (_keep, project) = project();
    let told = json(
        &project,
        &[
            "export-person",
            "--identifier",
            "email= Eva.Fenn@EXAMPLE.com",
        ],
    );
    let names: Vec<&str> = told["identifiers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|identifier| identifier["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, [EVA, "r-05"], "{told}");
    let all = told.to_string();
    for hers in [
        "Eva Fenn",
        "The brakes rub",
        "Is anybody there?",
        "t-98",
        "let-down",
        "nobody answered",
    ] {
        assert!(all.contains(hers), "{hers}: {told}");
    }
    for anothers in ["una.vale", "Ada Brook", "gus.hart"] {
        assert!(!all.contains(anothers), "{anothers}");
    }
    assert_eq!(told["events"].as_array().unwrap().len(), 5);
    assert_eq!(told["quarantined"].as_array().unwrap().len(), 1);
    let written = json(&project, &["export-person", EVA, "--out", "eva.json"]);
    assert_eq!(written["events"], 5);
    let file: Value = serde_json::from_slice(&fs::read(project.join("eva.json")).unwrap()).unwrap();
    assert_eq!(file["events"], told["events"]);
    assert!(refused(&project, &["export-person", EVA, "--out", "eva.json"]).contains("AM0019"));
}

#[test]
fn versions_of_a_record_that_were_replaced_are_told_as_well() {
    let (_keep, project) = project();
    let tickets = project.join("exports/tickets.csv");
    let rows = fs::read_to_string(&tickets).unwrap();
    fs::write(
        &tickets,
        rows.replace("Station,question,Is anybody", "Canal,question,Is anybody"),
    )
    .unwrap();
    text(&project, &["import", "tickets"]);
    let told = json(&project, &["export-person", EVA]);
    let events = told["events"].as_array().unwrap();
    assert_eq!(events.len(), 6);
    let replaced: Vec<&Value> = events
        .iter()
        .filter(|event| event["replaced"] == true)
        .collect();
    assert_eq!(replaced.len(), 1, "{told}");
    assert_eq!(replaced[0]["shop"], "Station");
}

#[test]
fn what_was_withdrawn_and_came_again_is_told_as_replaced() {
    let (_keep, project) = project();
    let before = json(&project, &["export-person", EVA]);
    let imports = json(&project, &["imports"]);
    for import in imports["items"].as_array().unwrap() {
        let number = import["import"].to_string();
        text(&project, &["import", "--undo", &number]);
    }
    let replaced = |told: &Value| {
        let events = told["events"].as_array().unwrap();
        let replaced = events.iter().filter(|event| event["replaced"] == true);
        (events.len(), replaced.count())
    };
    let (all, _) = replaced(&before);
    let withdrawn = json(&project, &["export-person", EVA]);
    assert_eq!(replaced(&withdrawn), (all, all), "{withdrawn:#}");
    text(&project, &["import"]);
    let again = json(&project, &["export-person", EVA]);
    assert_eq!(replaced(&again), (2 * all, all), "{again:#}");
}

#[test]
fn a_legal_hold_stops_an_erasure_until_it_is_lifted() {
    let (_keep, project) = project();
    text(
        &project,
        &["hold", "add", EVA, "--reason", "lawsuit 12/2026"],
    );
    // The hold is on the person, by whatever name they are called.
    let said = refused(&project, &["erase", "--identifier", "rider=r-05", "--yes"]);
    assert!(
        said.contains("AM0312") && said.contains("lawsuit 12/2026"),
        "{said}"
    );
    assert!(text(&project, &["customer", EVA, "--reveal"]).contains(EVA));
    let held = json(&project, &["hold", "list"]);
    assert_eq!(
        (&held["total"], &held["items"][0]["lifted_at"]),
        (&1.into(), &Value::Null)
    );
    let said = refused(
        &project,
        &["hold", "lift", EVA, "--reason", "Eva Fenn agreed"],
    );
    assert!(said.contains("AM0313"), "{said}");
    text(&project, &["hold", "lift", EVA, "--reason", "settled"]);
    assert!(refused(&project, &["hold", "lift", EVA, "--reason", "settled"]).contains("AM0020"));
    text(&project, &["erase", EVA, "--yes"]);
}

#[test]
fn nobody_is_erased_without_being_asked_for_or_with_a_reason_that_names_them() {
    let (_keep, project) = project();
    assert!(refused(&project, &["erase", EVA]).contains("AM0018"));
    for reason in [
        "asked by eva@example.org",
        "call 0660 1234567",
        "for EVA FENN",
    ] {
        let said = refused(&project, &["erase", EVA, "--yes", "--reason", reason]);
        assert!(said.contains("AM0313"), "{said}");
    }
    assert!(text(&project, &["customer", EVA, "--reveal"]).contains(EVA));
}

#[test]
fn the_erased_are_gone_counts_hold_and_the_next_export_brings_nobody_back() {
    let (_keep, project) = project();
    let answers = |project: &Path| {
        let mut story = json(project, &["customer", EVA]);
        story["erased"] = Value::Null;
        (
            ["2026-01", "2026-02", "2026-03"]
                .map(|month| json(project, &["card", "--period", month])),
            json(project, &["letdowns", "--promise", "first-answer"]),
            json(project, &["people", "lost", "--period", "2026-03"]),
            story,
        )
    };
    let before = answers(&project);
    let gone = json(
        &project,
        &["erase", EVA, "--yes", "--reason", "asked for it in writing"],
    );
    assert_eq!(
        (&gone["names"], &gone["fields"], &gone["rows"]),
        (&2.into(), &3.into(), &1.into())
    );
    assert!(before == answers(&project), "closed counts hold");
    for _ in 0..2 {
        let told = json(&project, &["export-person", EVA]);
        for name in told["identifiers"].as_array().unwrap() {
            assert!(
                name["name"].is_null() && name["erased_at"].is_string(),
                "{told}"
            );
        }
        assert_eq!(
            (
                told["personal"].as_array().unwrap().len(),
                told["quarantined"].as_array().unwrap().len()
            ),
            (0, 0)
        );
        assert!(text(&project, &["customer", EVA]).contains("erased 20"));
        assert_eq!(json(&project, &["doctor"])["good"], true);
        // The same exports again, which name her.
        text(&project, &["import"]);
    }
    assert!(before == answers(&project));
    let rows = json(&project, &["quarantine", "list"]);
    let items = rows["items"].as_array().unwrap().iter();
    let told = items.flat_map(|item| item["rows"].as_array().unwrap());
    let texts: Vec<bool> = told
        .map(|row| {
            json(
                &project,
                &["quarantine", "explain", row.as_str().unwrap(), "--reveal"],
            )["text"]
                .is_string()
        })
        .collect();
    assert_eq!(
        texts,
        [false, false, false, true, true, true],
        "hers are gone in every import"
    );
    assert_eq!(json(&project, &["erase", EVA, "--yes"])["names"], 0);
}

#[test]
fn no_file_of_the_data_folder_names_anybody_before_or_after() {
    let (_keep, project) = project();
    let words = [
        EVA,
        "Eva Fenn",
        "brakes rub",
        "Is anybody there",
        "una.vale",
    ];
    let data = project.join(".amends");
    text(&project, &["card"]);
    // What is kept of promises is looked through as well.
    assert!(data.join("derived/promises/first-answer/manifest").exists());
    assert_eq!(holding(&data, &words), Vec::<PathBuf>::new());
    text(&project, &["hold", "add", EVA, "--reason", "lawsuit"]);
    text(&project, &["hold", "lift", EVA, "--reason", "settled"]);
    text(&project, &["erase", EVA, "--yes"]);
    text(&project, &["import"]);
    text(&project, &["card"]);
    assert_eq!(holding(&data, &words), Vec::<PathBuf>::new());
    // The scan finds what is there, in the exports.
    assert_eq!(holding(&project.join("exports"), &words).len(), 2);
}

#[test]
fn an_erasure_that_was_cut_short_is_finished_by_the_next_command() {
    let (_keep, project) = project();
    let data = project.join(".amends");
    let before = project.join("before");
    copy(&data, &before);
    text(&project, &["erase", EVA, "--yes"]);
    let decided = json(&project, &["doctor"])["state"].clone();
    // A crash after the journal was written: the journal of after beside the vault and ledger of before.
    for part in ["ledger", "vault"] {
        fs::remove_dir_all(data.join(part)).unwrap();
        copy(&before.join(part), &data.join(part));
    }
    let told = json(&project, &["customer", EVA, "--reveal"]);
    assert!(
        told["names"].is_null() && told["erased"].as_object().unwrap().len() == 2,
        "{told}"
    );
    assert_eq!(json(&project, &["doctor"])["state"], decided);
}

#[test]
fn a_person_with_a_hundred_thousand_events_is_erased() {
    let here = tempdir().unwrap();
    text(here.path(), &["init", "shop"]);
    let project = here.path().join("shop");
    let mut rows = String::from("id,email,opened_at,answered_at,shop,topic,subject\n");
    for n in 0..100_000 {
        let (day, hour) = (1 + n % 28, n % 24);
        rows += &format!(
            "t-{n},eva.fenn@example.com,2026-02-{day:02} {hour:02}:15,,Canal,question,Question {n}\n"
        );
    }
    fs::write(project.join("exports/tickets.csv"), rows).unwrap();
    text(&project, &["import"]);
    #[allow(
        clippy::disallowed_methods,
        reason = "the time is shown, and nothing depends on it"
    )]
    let start = Instant::now();
    let gone = json(&project, &["erase", EVA, "--yes"]);
    println!(
        "erased a person with 100,000 events in {:.1?} (a debug build)",
        start.elapsed()
    );
    assert_eq!(
        (&gone["events_kept"], &gone["fields"]),
        (&100_002.into(), &100_001.into())
    );
    let told = json(&project, &["customer", EVA, "--reveal"]);
    assert!(told["names"].is_null());
}

#[test]
fn a_data_folder_of_0_1_0_opens_and_answers_as_it_did() {
    let here = tempdir().unwrap();
    let of_then = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/folders/0.1.0");
    copy(&of_then, here.path());
    fs::rename(here.path().join("data"), here.path().join(".amends")).unwrap();
    let answered: Value =
        serde_json::from_str(&fs::read_to_string(of_then.join("answers.json")).unwrap()).unwrap();
    let card = json(here.path(), &["card", "--period", "2026-03"]);
    for (name, value) in answered["card"].as_object().unwrap() {
        assert_eq!(card[name], *value, "{name}");
    }
    let examined = json(here.path(), &["doctor"]);
    assert_eq!(
        (&examined["good"], &examined["state"]),
        (&true.into(), &answered["state"])
    );
    let row = json(here.path(), &["quarantine", "explain", "3/1", "--reveal"]);
    assert!(row["text"].as_str().unwrap().contains("una.vale"), "{row}");
    text(here.path(), &["import"]);
    text(here.path(), &["erase", EVA, "--yes"]);
}

#[test]
fn what_is_kept_for_a_time_only_is_forgotten_at_the_end_of_an_import() {
    let (_keep, project) = project();
    let told = |project: &Path| {
        let told = json(project, &["export-person", EVA]);
        let count = |part: &str| told[part].as_array().unwrap().len();
        (count("personal"), count("quarantined"), count("events"))
    };
    assert_eq!(
        json(&project, &["retention"])["fields"],
        0,
        "nothing is said, so all is kept"
    );
    assert_eq!(told(&project), (3, 1, 5));
    let before = json(&project, &["card", "--period", "2026-03"]);
    let company = fs::read_to_string(project.join("amends.toml")).unwrap();
    let limits =
        "[retention]\nquarantine = \"1 hour\"\n[retention.personal]\ntickets = \"1 day\"\n";
    fs::write(project.join("amends.toml"), format!("{company}\n{limits}")).unwrap();
    // The tickets are older than a day; the rows were set aside just now.
    let done = json(&project, &["import"]);
    assert_eq!(
        (&done["forgotten"]["fields"], &done["forgotten"]["rows"]),
        (&15.into(), &0.into())
    );
    assert_eq!(told(&project), (1, 2, 5));
    // The same export again does not bring them back.
    assert_eq!(json(&project, &["import"])["forgotten"]["fields"], 0);
    assert_eq!(told(&project).0, 1);
    let shorter = limits.replace("1 hour", "1 microsecond");
    fs::write(project.join("amends.toml"), format!("{company}\n{shorter}")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_eq!(json(&project, &["retention"])["rows"], 6);
    assert_eq!(told(&project).1, 0);
    let after = json(&project, &["card", "--period", "2026-03"]);
    assert_eq!(after["closing"], before["closing"]);
    let wrong = format!("{company}\n{}", limits.replace("tickets", "tikets"));
    fs::write(project.join("amends.toml"), wrong).unwrap();
    let said = String::from_utf8(amends(&project, &["check"]).stdout).unwrap();
    assert!(
        said.contains("AM0107") && said.contains("tickets"),
        "{said}"
    );
}
