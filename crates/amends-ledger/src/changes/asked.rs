//! The versions of one record, as the rule asks them, and the events that come of them.

use amends_model::EventId;
use amends_model::event::column;
use arrow::array::{Array, AsArray};

use super::compose::{Change, Composed, Said, compose};
use super::courses::Courses;
use super::dated::{When, when};
use super::gather::Version;
use super::made::{self, Made};
use crate::said;

/// The import that told a version.
pub(super) fn of_import(version: &Version) -> i64 {
    said::import(version.entry.sequence)
}

/// The versions of one record.
pub(super) struct Asked<'a> {
    pub(super) courses: &'a Courses,
    pub(super) versions: Vec<Version>,
}

impl Asked<'_> {
    fn row(&self, version: usize) -> usize {
        self.versions[version].row.unwrap_or(0) as usize
    }

    fn import(&self, version: usize) -> i64 {
        said::import(self.versions[version].entry.sequence)
    }

    fn id(&self, version: usize) -> EventId {
        self.versions[version].id
    }

    /// How the import of a version read properties; none where it does not say.
    fn readings(&self, version: usize) -> Option<&[Option<u64>]> {
        self.readings_of(self.import(version))
    }

    fn readings_of(&self, import: i64) -> Option<&[Option<u64>]> {
        self.courses.habits.get(&import)?.readings.as_deref()
    }

    /// Whether versions came in their own order and nothing but changes: then what stands has stood ever since it came.
    pub(super) fn only_grew(&self, composed: &Composed) -> bool {
        let first = composed.other;
        let begins = first == 0 || !self.versions[first - 1].is_event();
        begins
            && self.versions.is_sorted_by_key(of_import)
            && composed.values.iter().all(|version| *version == first)
    }

    /// What the versions come to, and which of them is the newest; none where that gives no event.
    pub(super) fn composed(&self) -> Option<(Composed, usize)> {
        let last = self.versions.len().checked_sub(1)?;
        if !self.versions[last].is_event() {
            return None;
        }
        // What was taken back is not told any more: the record begins anew.
        let silent = self
            .versions
            .iter()
            .rposition(|version| !version.is_event());
        let first = silent.map_or(0, |silent| silent + 1);
        Some((compose(self, first, last), last))
    }

    /// A version once more, so that who asks what is new learns of it.
    pub(super) fn again(&self, version: usize) -> Made {
        let values = vec![version; self.courses.names.len()];
        Made {
            id: self.id(version),
            import: self.import(version),
            ..self.made("event", &[], (version, version), &values, None)
        }
    }

    pub(super) fn event(&self, composed: &Composed) -> Made {
        let other = composed.other;
        self.made(
            "event",
            &[("", other)],
            (other, other),
            &composed.values,
            None,
        )
    }

    pub(super) fn changes(&self, composed: &Composed) -> Vec<Made> {
        let one = |(place, change): (usize, &Change)| {
            let told = (
                self.import(change.by),
                self.versions[change.by].entry.version,
            );
            let when = when(&self.courses.tellers, told, self.import(change.before));
            let was = change.was.iter();
            let was = was.map(|(property, version)| (*property, self.row(*version) as u32));
            let of = [
                ("by", change.by),
                ("before", change.before),
                ("", change.other),
            ];
            let mut made = self.made(
                "change",
                &of,
                (change.other, change.by),
                &change.values,
                Some((when, was.collect())),
            );
            let was = change.was.iter().map(|(_, version)| self.import(*version));
            made.import = was.fold(made.import, i64::max);
            made.id = made::in_order(made.id, place);
            made
        };
        composed.changes.iter().enumerate().map(one).collect()
    }

    fn made(
        &self,
        word: &str,
        of: &[(&str, usize)],
        (other, by): (usize, usize),
        values: &[usize],
        change: Option<(When, Vec<(usize, u32)>)>,
    ) -> Made {
        let names = self.courses.names.iter().map(String::as_str);
        let told = names.zip(values.iter().copied()).enumerate();
        // A property that other events have changes no id.
        let told = told.filter(|(property, (_, version))| !self.is_null(*property, *version));
        let told = told.map(|(_, told)| told);
        let of: Vec<(&str, usize)> = of.iter().copied().chain(told).collect();
        let ids = of.iter().map(|(name, version)| (*name, self.id(*version)));
        let imports = of.iter().map(|(_, version)| self.import(*version));
        Made {
            id: made::id(word, self.versions[by].entry.key, ids),
            import: imports.fold(0, i64::max),
            other: self.row(other) as u32,
            by: self.row(by) as u32,
            values: values
                .iter()
                .map(|version| self.row(*version) as u32)
                .collect(),
            touched: self.versions.iter().map(of_import).fold(0, i64::max),
            change,
        }
    }
}

impl Said for Asked<'_> {
    fn properties(&self) -> usize {
        self.courses.names.len()
    }

    fn is_same(&self, property: usize, one: usize, other: usize) -> bool {
        let compare = self.courses.properties[property].as_ref();
        compare.is_none_or(|compare| compare(self.row(one), self.row(other)).is_eq())
    }

    fn is_null(&self, property: usize, version: usize) -> bool {
        let column = self.courses.columns[property].as_ref();
        column.is_none_or(|column| column.is_null(self.row(version)))
    }

    fn corrects(&self, property: usize, version: usize) -> bool {
        let habit = self.courses.habits.get(&self.import(version));
        habit.is_some_and(|habit| habit.corrects[property])
    }

    fn is_read_alike(&self, property: usize, one: usize, other: usize) -> bool {
        // Where every export holds everything, the export before this one told the older value as well: once more, and as it was read then.
        let before = self.courses.exports_before.get(&self.import(other));
        let before = before.and_then(|import| self.readings_of(*import));
        if let (Some(one), Some(other)) = (before, self.readings(other)) {
            return one[property] == other[property];
        }
        if let (Some(one), Some(other)) = (self.readings(one), self.readings(other)) {
            return one[property] == other[property];
        }
        let mappings = self.courses.versions.rows.column_by_name(column::MAPPING);
        let mappings = mappings.and_then(|mappings| mappings.as_string_opt::<i32>());
        mappings.is_none_or(|of| of.value(self.row(one)) == of.value(self.row(other)))
    }

    fn is_told(&self, property: usize, version: usize) -> bool {
        match self.readings(version) {
            Some(readings) => readings[property].is_some(),
            None => !self.is_null(property, version),
        }
    }

    fn is_same_else(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.row(one), self.row(other));
        self.courses
            .others
            .iter()
            .all(|compare| compare(one, other).is_eq())
    }
}
