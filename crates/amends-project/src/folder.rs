//! The files of a project folder: their text, and what of it can be read.

use std::io;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::Diagnostic;
use crate::definition::Place;
use crate::files::Files;
use crate::nearest::nearest;
use crate::read::{Doubts, File, Report, Section, Spot, repaired};

/// What is gathered while files are read.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) report: Report,
    pub(crate) doubts: Doubts,
}

/// Reads a file that may be missing.
pub(crate) fn single<T>(
    files: &Files<'_>,
    name: &str,
    reading: &Reading,
    read: impl FnOnce(&Section<'_>) -> T,
) -> Option<T> {
    if !files.exists(Path::new(name)) {
        return None;
    }
    let file = file(files, name.into(), reading)?;
    Some(with_whole(&file, reading, read))
}

/// Reads every TOML file of a folder, in the order of their names.
pub(crate) fn each_file(
    files: &Files<'_>,
    folder: &str,
    reading: &Reading,
    mut read: impl FnMut(&Section<'_>),
) {
    for name in names(files, Path::new(folder), &reading.report) {
        let path = Path::new(folder).join(name);
        if let Some(file) = file(files, path, reading) {
            with_whole(&file, reading, &mut read);
        }
    }
}

/// The TOML files of a folder below the project folder, sorted; none where the folder is missing.
fn names(files: &Files<'_>, folder: &Path, report: &Report) -> Vec<String> {
    let mut names = match files.names(folder) {
        Ok(names) => names,
        Err(error) => {
            let message = format!("this folder cannot be read: {error}");
            report.mistake("AM0101", &place_of(folder.to_owned()), message, None);
            return Vec::new();
        }
    };
    names.retain(|name| name.ends_with(".toml") && !name.starts_with('.'));
    names
}

/// The text of a file; a mistake where it cannot be read.
pub(crate) fn file(files: &Files<'_>, path: PathBuf, reading: &Reading) -> Option<File> {
    let bytes = match files.bytes(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            let spot = place_of(path);
            let message = format!("this file cannot be read: {error}");
            reading.report.mistake("AM0101", &spot, message, None);
            let file = spot.place.file.clone();
            reading.doubts.note(&file, None, Some(spot));
            return None;
        }
    };
    match String::from_utf8(bytes) {
        // A byte order mark is no part of TOML, and some editors write one.
        Ok(text) => {
            let text = text
                .strip_prefix('\u{feff}')
                .map(str::to_owned)
                .unwrap_or(text);
            files.note(&path, &text);
            Some(File::new(path, text))
        }
        Err(error) => {
            let valid =
                String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()])
                    .into_owned();
            let end = valid.len();
            let spot = File::new(path, valid).spot(end..end);
            reading.report.mistake(
                "AM0101",
                &spot,
                "this file is not UTF-8 text",
                Some("save it as UTF-8".into()),
            );
            let file = spot.place.file.clone();
            reading.doubts.note(&file, None, Some(spot));
            None
        }
    }
}

pub(crate) fn place_of(file: PathBuf) -> Spot {
    Spot {
        place: Place {
            file,
            line: 1,
            column: 1,
        },
        words: String::new(),
    }
}

/// Parses a file and hands its sections on. After a slip in TOML itself what stands beside it is read, and of the mistakes there only those
/// are told that the lost statement cannot have caused.
pub(crate) fn with_whole<T>(
    file: &File,
    reading: &Reading,
    read: impl FnOnce(&Section<'_>) -> T,
) -> T {
    let Reading { report, doubts } = reading;
    let (slips, text) = repaired(&file.text);
    let (table, _) = DeTable::parse_recoverable(&text);
    if slips.is_empty() {
        let before = report.mistakes();
        let said = read(&Section::whole(file, report, table.get_ref()));
        if report.mistakes() > before {
            doubts.note(&file.path, Some(&file.text), None);
        }
        return said;
    }
    let spot = |span: Option<std::ops::Range<usize>>| {
        span.map_or_else(|| file.beginning(), |span| file.spot(span))
    };
    let first = slips.first().and_then(|slip| slip.span.clone());
    doubts.note(&file.path, Some(&file.text), Some(spot(first)));
    for slip in slips {
        let message = format!("this is not TOML: {}", slip.message);
        report.mistake("AM0102", &spot(slip.span), message, None);
    }
    let beside = Report::default();
    let said = read(&Section::whole(file, &beside, table.get_ref()));
    report.take(beside, stands_alone);
    said
}

/// Whether a mistake is one whatever else the file may say: nothing is missing, and nothing is held against another statement.
fn stands_alone(mistake: &Diagnostic) -> bool {
    const ALONE: [&str; 6] = ["AM0103", "AM0105", "AM0106", "AM0108", "AM0110", "AM0111"];
    !mistake.is_warning && ALONE.contains(&mistake.code)
}

/// Warns of TOML files that nothing reads: their names are probably misspelt.
pub(crate) fn leftovers(files: &Files<'_>, report: &Report) {
    const READ: [&str; 3] = ["amends.toml", "customers.toml", "journey.toml"];
    for name in names(files, Path::new(""), report) {
        if READ.contains(&name.as_str()) {
            continue;
        }
        let missing = READ.iter().filter(|read| !files.exists(Path::new(read)));
        let near = nearest(
            name.trim_end_matches(".toml"),
            missing.map(|read| read.trim_end_matches(".toml")),
        );
        let suggestion = near.map(|near| format!("name it {near}.toml"));
        report.warning(
            "AM0112",
            &place_of(name.into()),
            "nothing reads this file",
            suggestion,
        );
    }
    for (folder, read) in [("source", "sources"), ("promise", "promises")] {
        if files.is_folder(Path::new(folder)) {
            let suggestion = Some(format!("name it {read}"));
            report.warning(
                "AM0112",
                &place_of(folder.into()),
                "nothing reads this folder",
                suggestion,
            );
        }
    }
}
