//! `sources/*.toml`, `[source.NAME]`: one export of one system.

use std::collections::{BTreeMap, BTreeSet};

use amends_model::time;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Around, event, name, source_file, zone};
use crate::definition::{Complete, Reason, Source};
use crate::read::{Section, Text, wait};

/// So many rows of a file may be set aside where a source says nothing, and so many at all.
const MOST_ASIDE: i64 = 250_000;
const MOST_ASIDE_AT_ALL: i64 = 100_000_000;

/// Reads one source. It is `None` where a mistake leaves nothing that could be used.
pub(crate) fn read(name: &Text, section: &Section<'_>, around: &Around<'_>) -> Option<Source> {
    let report = section.report;
    let before = report.mistakes();
    name::check(name, report);
    let says = section
        .text("says")
        .map(|says| says.text)
        .unwrap_or_default();
    let own_zone = section
        .text("zone")
        .and_then(|text| zone::zone(&text, report));
    let files = source_file::read(name, section, around);
    let sql = section.sql("sql", around);
    let main = main(section, &files.known);
    if sql.is_none() && !section.has("sql") && files.known.len() > 1 {
        let message = format!(
            "{} has {} files, and nothing joins them to one table of records",
            section.title,
            files.known.len()
        );
        let suggestion = "write sql = \"select ... from one join other on ...\"".to_owned();
        report.mistake("AM0113", &section.spot, message, Some(suggestion));
    }
    let key = section.sql("key", around);
    let version = section.sql("version", around);
    let complete = complete(section, around);
    let complete_written = section.has("complete-until").then(|| {
        let spot = section.spot_of("complete-until");
        (spot.place, spot.words)
    });
    let lag = section.text("lag").and_then(|text| wait(&text, report));
    let snapshot = section.flag("snapshot").unwrap_or(false);
    if snapshot && !section.has("key") {
        let message = format!(
            "{} is a complete snapshot, and nothing tells which of its records are missing from the next one",
            section.title
        );
        let suggestion = "write key = \"id\", the column by which the source knows a record";
        let suggestion = Some(suggestion.to_owned());
        report.mistake("AM0113", &section.spot, message, suggestion);
    }
    let most_aside = section.integer("most-aside", 1, MOST_ASIDE_AT_ALL);
    let personal = columns(section, "personal");
    let ignore = columns(section, "ignore");
    apart(section, &personal, &ignore);
    let derived = derived(section, &personal);
    let of_its_own = report.mistakes();
    let events = event::read_all(name, section, around);
    let of_events = report.mistakes() - of_its_own;
    section.finish();
    if report.mistakes() - before > of_events || around.doubts.is_broken(&section.file.path) {
        around.doubts.sources.borrow_mut().insert(name.text.clone());
    }
    Some(Source {
        name: name.text.clone(),
        says,
        place: name.spot.place.clone(),
        files: files.read,
        main: main?,
        sql,
        key,
        version,
        zone: own_zone.unwrap_or_else(|| around.zone.clone()),
        complete,
        complete_written,
        lag,
        snapshot,
        most_aside: most_aside.unwrap_or(MOST_ASIDE).unsigned_abs(),
        personal: personal.into_iter().map(|column| column.text).collect(),
        derived,
        ignore: ignore.into_iter().map(|column| column.text).collect(),
        events,
        mapping: String::new(),
    })
}

/// The alias of the file whose rows are counted: the only one, or the one named by `main`.
fn main(section: &Section<'_>, aliases: &[String]) -> Option<String> {
    let Some(main) = section.text("main") else {
        if let [only] = aliases {
            return Some(only.clone());
        }
        if !section.has("main") && !aliases.is_empty() {
            section.missing("main", &format!("main = \"{}\"", aliases[0]));
        }
        return None;
    };
    if !aliases.is_empty() && !aliases.contains(&main.text) {
        let message = format!("{} has no file {}", section.title, main.spot.words);
        let suggestion = crate::nearest::suggestion(&main.text, aliases.iter().map(String::as_str));
        section
            .report
            .mistake("AM0107", &main.spot, message, suggestion);
    }
    Some(main.text)
}

/// `complete-until`: a day (its end, in the company's zone), a moment, "latest event" or "file date".
fn complete(section: &Section<'_>, around: &Around<'_>) -> Complete {
    let Some(text) = section.text_or_time("complete-until") else {
        return Complete::LatestEvent;
    };
    match text.text.trim() {
        "latest event" => Complete::LatestEvent,
        "file date" => Complete::FileDate,
        written => match until(written, &around.zone) {
            Some(moment) => Complete::Until(moment),
            None => {
                let message = format!(
                    "{} is no day, no moment, not \"latest event\" and not \"file date\"",
                    text.spot.words
                );
                let suggestion =
                    "write for example \"2018-11-01\", which means the end of that day".to_owned();
                section
                    .report
                    .mistake("AM0106", &text.spot, message, Some(suggestion));
                Complete::LatestEvent
            }
        },
    }
}

fn until(written: &str, zone: &TimeZone) -> Option<Timestamp> {
    time::as_of(written, zone).ok()
}

fn columns(section: &Section<'_>, key: &'static str) -> Vec<Text> {
    let columns = section.texts(key).unwrap_or_default();
    let mut seen = BTreeSet::new();
    for column in &columns {
        if !seen.insert(column.as_str()) {
            let message = format!("`{key}` names {} twice", column.spot.words);
            section
                .report
                .mistake("AM0108", &column.spot, message, None);
        }
    }
    columns
}

/// `derived`: columns that the SQL computes from what is personal, each with the reason why it may be kept.
fn derived(section: &Section<'_>, personal: &[Text]) -> BTreeMap<String, Reason> {
    let Some(inner) = section.section("derived") else {
        return BTreeMap::new();
    };
    let wrong = |text: &Text, message: String, suggestion: &str| {
        let suggestion = Some(suggestion.to_owned());
        section
            .report
            .mistake("AM0130", &text.spot, message, suggestion);
    };
    let mut all = BTreeMap::new();
    for (name, text) in inner.pairs() {
        if !section.has("sql") {
            let message = format!(
                "{} is derived by nothing: the source has no `sql`",
                name.spot.words
            );
            wrong(&name, message, "compute it in the source's `sql`");
        }
        if personal.iter().any(|other| other.text == name.text) {
            let message = format!("{} is both personal and derived", name.spot.words);
            wrong(
                &name,
                message,
                "what is derived is kept in the open: name it in one of the two",
            );
        }
        if text.text.trim().is_empty() {
            let message = format!("{} is derived without a reason", name.spot.words);
            wrong(
                &text,
                message,
                "say why it tells nobody's own value, such as \"ten-year groups\"",
            );
        }
        let reason = Reason {
            text: text.text,
            place: name.spot.place,
        };
        all.insert(name.text, reason);
    }
    all
}

fn apart(section: &Section<'_>, personal: &[Text], ignore: &[Text]) {
    for column in ignore {
        if personal.iter().any(|other| other.text == column.text) {
            let message = format!("{} is both personal and ignored", column.spot.words);
            let suggestion =
                "what is ignored is kept nowhere: name it in one of the two".to_owned();
            section
                .report
                .mistake("AM0113", &column.spot, message, Some(suggestion));
        }
    }
}
