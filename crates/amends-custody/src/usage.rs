//! What a data folder takes on the disk, by part, how fast that grows, and how long the disk will do.

use std::fs;
use std::path::Path;

use amends_ledger::{ImportRecord, Ledger};
use jiff::Timestamp;
use serde::Serialize;

/// Seconds of a mean month.
const MONTH: f64 = 30.436_875 * 86_400.0;

/// A part of the data folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `events`, `keys`, `catalog`, `vault`, `derived` or `other`.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: u64,
}

/// What a data folder takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Part by part.
    pub parts: Vec<Part>,
    /// By how many bytes it grows a month, if imports go on as they were. `None` before they have gone on for a week.
    pub a_month: Option<u64>,
    /// Bytes that are free on its disk, where the system tells.
    pub free: Option<u64>,
}

impl Usage {
    /// For how many months the disk will do; `None` where it is not known how fast the folder grows, or what is free.
    pub fn months_left(&self) -> Option<f64> {
        let grown = self.a_month.filter(|grown| *grown > 0)?;
        Some(self.free? as f64 / grown as f64)
    }
}

/// Measures a data folder. Growth is told by events stored and when: the first import, which brings what was there before, is left out.
pub fn usage(data: &Path, imports: &[ImportRecord]) -> Usage {
    let names = ["events", "keys", "catalog", "vault", "derived", "other"];
    let mut parts = names.map(|name| Part { name, bytes: 0 });
    measure(data, data, &mut parts);
    let bytes: u64 = parts.iter().map(|part| part.bytes).sum();
    let grown = imports.iter();
    let grown: Vec<_> = grown
        .map(|import| (import.start.started_at, import.events))
        .collect();
    Usage {
        a_month: a_month(bytes, &grown),
        free: free(data),
        parts: parts.into(),
    }
}

/// Adds the files below a folder. What cannot be read counts nothing: other findings speak of it.
fn measure(folder: &Path, data: &Path, parts: &mut [Part]) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.metadata() {
            Ok(about) if about.is_dir() => measure(&path, data, parts),
            Ok(about) => {
                let name = part_of(path.strip_prefix(data).unwrap_or(&path));
                let part = parts.iter_mut().find(|part| part.name == name);
                part.into_iter().for_each(|part| part.bytes += about.len());
            }
            Err(_) => {}
        }
    }
}

fn part_of(path: &Path) -> &'static str {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let name = path.file_name().and_then(|name| name.to_str());
    let is_catalog = name.is_some_and(|name| name.starts_with(Ledger::DATABASE));
    match path.iter().next().and_then(|first| first.to_str()) {
        Some("ledger") if ending == Some("parquet") => "events",
        Some("ledger") if ending == Some("keys") => "keys",
        Some("ledger") if is_catalog => "catalog",
        Some("vault") => "vault",
        Some("derived") => "derived",
        _ => "other",
    }
}

/// How many bytes come a month, from when imports began and how many events each gave.
fn a_month(bytes: u64, imports: &[(Timestamp, u64)]) -> Option<u64> {
    let first = imports.iter().map(|(at, _)| *at).min()?;
    let last = imports.iter().map(|(at, _)| *at).max()?;
    let seconds = last.duration_since(first).as_secs_f64();
    if seconds < 7.0 * 86_400.0 {
        return None;
    }
    let events: u64 = imports.iter().map(|(_, events)| events).sum();
    let day = first.as_second() + 86_400;
    let later = imports.iter().filter(|(at, _)| at.as_second() > day);
    let later: u64 = later.map(|(_, events)| events).sum();
    let share = later as f64 / events.max(1) as f64;
    Some((bytes as f64 * share / seconds * MONTH) as u64)
}

/// Bytes that are free on the disk of a folder, which need not be there yet; `None` where the system does not tell.
#[cfg(unix)]
pub fn free(folder: &Path) -> Option<u64> {
    let about = folder
        .ancestors()
        .find_map(|above| rustix::fs::statvfs(above).ok())?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

/// Elsewhere the system is not asked.
#[cfg(not(unix))]
pub fn free(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(day: i64, events: u64) -> (Timestamp, u64) {
        (Timestamp::from_second(day * 86_400).unwrap(), events)
    }

    #[test]
    fn growth_is_what_came_after_the_first_day() {
        assert_eq!(a_month(1_000, &[]), None);
        assert_eq!(a_month(1_000, &[import(0, 10), import(3, 10)]), None);
        // Half of the events came within two mean months.
        let imports = [import(0, 100), import(30, 50), import(61, 50)];
        let grown = a_month(1_000, &imports).unwrap();
        assert!((248..=251).contains(&grown), "{grown}");
        let usage = Usage {
            parts: Vec::new(),
            a_month: Some(100),
            free: Some(250),
        };
        assert_eq!(usage.months_left(), Some(2.5));
    }

    #[test]
    fn each_file_belongs_to_a_part() {
        for (path, part) in [
            ("ledger/segments/a/1.parquet", "events"),
            ("ledger/segments/a/1.keys", "keys"),
            ("ledger/ledger.db-wal", "catalog"),
            ("vault/vault.db", "vault"),
            ("derived/x/y.parquet", "derived"),
            ("erasures.jsonl", "other"),
        ] {
            assert_eq!(part_of(Path::new(path)), part, "{path}");
        }
    }
}
