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

impl Teller {
    /// Until when it tells what happened.
    fn until(&self) -> i64 {
        self.reported.unwrap_or(self.started_at)
    }
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
    let said_before = tellers.get(&before).map_or(i64::MIN, Teller::until);
    // Where every export holds everything, the export before this one still held the old value.
    let runs = tellers.values().filter(|other| {
        teller.telling.whole
            && other.stands
            && other.source == teller.source
            && other.started_at < teller.started_at
    });
    let last_run = runs.max_by_key(|run| run.started_at).map(Teller::until);
    let not_before = said_before.max(last_run.unwrap_or(i64::MIN));
    When {
        at: teller.until().max(not_before),
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
