//! When a change happened: as the source dates it, else between two imports.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// How a source tells of records that it told of before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// For each kind the properties of which another value corrects the one before; `amount` and `currency` among them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub corrections: BTreeMap<String, BTreeSet<String>>,
    /// For each kind how each property is read: a hash of that. Another reading corrects the one before. Empty where only the mapping's version tells.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub readings: BTreeMap<String, BTreeMap<String, String>>,
    /// Whether the version of a record is the moment of its last change, in microseconds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dated: bool,
    /// Whether each of its exports holds all records.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

impl Telling {
    /// As the catalog keeps it; nothing where everything that differs happened, between two imports.
    pub(crate) fn to_text(&self) -> Option<String> {
        let says = *self != Self::default();
        says.then(|| serde_json::json!(self).to_string())
    }
}

/// An import, as far as it says how and when its source told of something.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    /// The source.
    pub(crate) source: String,
    /// How it tells of changes.
    pub(crate) telling: Telling,
    /// When the import began, in microseconds: files of one run began at once.
    pub(crate) started_at: i64,
    /// How far the source had reported, in microseconds.
    pub(crate) reported: Option<i64>,
    /// Whether the import counts.
    pub(crate) stands: bool,
}

/// How far a source had reported when an import came: with it, with other files of its run, or before. A file that tells of old records alone says
/// nothing of when they changed.
fn until(tellers: &BTreeMap<i64, Teller>, import: &Teller) -> i64 {
    let by_then = |other: &&Teller| {
        other.stands && other.source == import.source && other.started_at <= import.started_at
    };
    let own = import.reported.unwrap_or(import.started_at);
    let others = tellers.values().filter(by_then);
    others
        .filter_map(|other| other.reported)
        .fold(own, i64::max)
}

/// The last import of a source that every export of which holds everything, before the run of another.
fn run_before<'a>(
    tellers: &'a BTreeMap<i64, Teller>,
    import: &Teller,
) -> Option<(i64, &'a Teller)> {
    let before = |(_, other): &(&i64, &Teller)| {
        other.stands && other.source == import.source && other.started_at < import.started_at
    };
    let runs = tellers
        .iter()
        .filter(before)
        .filter(|_| import.telling.whole);
    let last = runs.max_by_key(|(number, run)| (run.started_at, **number))?;
    Some((*last.0, last.1))
}

/// The import that brought the export before that of an import, where every export of the source holds everything.
pub(crate) fn export_before(tellers: &BTreeMap<i64, Teller>, import: i64) -> Option<i64> {
    let (number, _) = run_before(tellers, tellers.get(&import)?)?;
    Some(number)
}

/// When a change happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// At this moment, or by then at the latest; in microseconds.
    pub(crate) at: i64,
    /// Not before this moment; none where `at` is the moment itself.
    pub(crate) not_before: Option<i64>,
}

/// When a change happened that one import told, and of which the import before told nothing yet.
pub(crate) fn when(
    tellers: &BTreeMap<i64, Teller>,
    (import, version): (i64, Option<i64>),
    before: i64,
) -> When {
    let Some(teller) = tellers.get(&import) else {
        // An import that the catalog does not name is history of another ledger: doctor tells of it.
        return When {
            at: 0,
            not_before: None,
        };
    };
    if let Some(at) = version.filter(|_| teller.telling.dated) {
        return When {
            at,
            not_before: None,
        };
    }
    let said_before = tellers
        .get(&before)
        .map_or(i64::MIN, |by| until(tellers, by));
    // Where every export holds everything, the export before this one still held the old value.
    let last_run = run_before(tellers, teller).map(|(_, run)| until(tellers, run));
    let not_before = said_before.max(last_run.unwrap_or(i64::MIN));
    When {
        at: until(tellers, teller).max(not_before),
        not_before: (not_before > i64::MIN).then_some(not_before),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn teller(day: i64, telling: &Telling) -> Teller {
        Teller {
            source: "shop".into(),
            telling: telling.clone(),
            started_at: 100 * day,
            reported: Some(100 * day - 1),
            stands: true,
        }
    }

    #[test]
    fn a_change_is_dated_by_its_source_or_between_two_imports() {
        let plain = Telling::default();
        let dated = Telling {
            dated: true,
            ..Telling::default()
        };
        let whole = Telling {
            whole: true,
            ..Telling::default()
        };
        let three = |telling: &Telling| (1..4).map(|day| (day, teller(day, telling))).collect();
        let between = |at, not_before| When {
            at,
            not_before: Some(not_before),
        };
        assert_eq!(when(&three(&plain), (3, Some(7)), 1), between(299, 99));
        assert_eq!(when(&three(&whole), (3, None), 1), between(299, 199));
        let exactly = When {
            at: 7,
            not_before: None,
        };
        assert_eq!(when(&three(&dated), (3, Some(7)), 1), exactly);
        assert_eq!(when(&three(&dated), (3, None), 1), between(299, 99));
        // An import that counts no longer saw nothing; one that reported less far than the one before cannot date a change before it.
        let mut some: BTreeMap<i64, Teller> = three(&whole);
        some.get_mut(&2).unwrap().stands = false;
        assert_eq!(when(&some, (3, None), 1), between(299, 99));
        some.get_mut(&3).unwrap().reported = Some(50);
        assert_eq!(when(&some, (3, None), 1), between(99, 99));
    }
}
