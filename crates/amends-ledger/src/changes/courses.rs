//! The records of one kind: how each stood after any import.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use amends_model::event::column;
use amends_model::{EventId, Result};
use arrow::array::{Array, ArrayRef, AsArray, DynComparator, RecordBatch, make_comparator};
use arrow::compute::SortOptions;
use arrow::datatypes::SchemaRef;

use super::asked::{Asked, of_import};
use super::dated::{Teller, export_before};
use super::gather::{Version, Versions};
use super::made::{self, Made};
use crate::{Withdrawn, trouble};
use xxhash_rust::xxh3::xxh3_64;

/// What tells how we came by an event, not what its source said of it.
const OF_OURS: [&str; 8] = [
    column::ID,
    column::KEY,
    column::CONTENT,
    column::VERSION,
    column::IMPORT,
    column::RECEIVED_AT,
    column::LINE,
    column::MAPPING,
];

/// Of a record that more imports told of than this nobody asks whether one version always stood for it.
const MANY_IMPORTS: usize = 32;

/// What stands for a record.
pub(super) enum Standing {
    Version(Version),
    Made(Made),
}

/// A record as it stands.
pub(super) struct State {
    pub(super) last: Version,
    pub(super) event: Standing,
    pub(super) changes: Vec<Made>,
}

/// How an import read the events of one kind.
pub(super) struct Habit {
    /// For each property a hash of how it was read, if it was; none where the import does not say.
    pub(super) readings: Option<Vec<Option<u64>>>,
    /// Whether another value of a property corrects the one before.
    pub(super) corrects: Vec<bool>,
}

impl Habit {
    fn of(teller: &Teller, kind: &str, names: &[String]) -> Self {
        let corrections = teller.telling.corrections.get(kind);
        let corrects = |name: &String| corrections.is_some_and(|known| known.contains(name));
        let readings = teller.telling.readings.get(kind).map(|readings| {
            let reading = |name: &String| Some(xxh3_64(readings.get(name)?.as_bytes()));
            names.iter().map(reading).collect()
        });
        Self {
            readings,
            corrects: names.iter().map(corrects).collect(),
        }
    }
}

/// The records of one kind and what their versions say.
pub(super) struct Courses {
    pub(super) versions: Versions,
    /// The ids of all versions.
    ids: HashSet<u128>,
    pub(super) tellers: Arc<BTreeMap<i64, Teller>>,
    /// By import how it read the kind.
    pub(super) habits: HashMap<i64, Habit>,
    /// By import the one that brought the export before, where every export of its source holds everything.
    pub(super) exports_before: HashMap<i64, i64>,
    pub(super) names: Vec<String>,
    /// For each property, in order of the names, its column.
    pub(super) columns: Vec<Option<ArrayRef>>,
    /// For each how two rows compare.
    pub(super) properties: Vec<Option<DynComparator>>,
    /// How rows compare in everything else.
    pub(super) others: Vec<DynComparator>,
}

impl Courses {
    pub(super) fn new(
        kind: &str,
        schema: &SchemaRef,
        versions: Versions,
        tellers: Arc<BTreeMap<i64, Teller>>,
    ) -> Result<Self> {
        let names = made::properties(schema);
        let comparator = |name: &str| {
            let column = versions.rows.column_by_name(name)?;
            Some(make_comparator(column, column, SortOptions::default()))
        };
        let compared = |name: &String| comparator(name).transpose();
        let properties = names.iter().map(compared).collect::<Result<Vec<_>, _>>();
        let others = schema.fields().iter().map(|field| field.name().as_str());
        let others =
            others.filter(|name| !OF_OURS.contains(name) && !names.iter().any(|own| own == name));
        let others = others.filter_map(comparator).collect::<Result<Vec<_>, _>>();
        let misfit = |error: arrow::error::ArrowError| trouble::misfit(error.to_string());
        let (properties, others) = (properties.map_err(misfit)?, others.map_err(misfit)?);
        let events = versions
            .records
            .iter()
            .flatten()
            .filter(|version| version.is_event());
        let ids = events.map(|version| version.id.as_u128()).collect();
        let habit = |(import, teller): (&i64, &Teller)| (*import, Habit::of(teller, kind, &names));
        let habits = tellers.iter().map(habit).collect();
        let before = |import: &i64| Some((*import, export_before(&tellers, *import)?));
        let exports_before = tellers.keys().filter_map(before).collect();
        let columns = names
            .iter()
            .map(|name| versions.rows.column_by_name(name).cloned());
        let columns = columns.collect();
        Ok(Self {
            ids,
            habits,
            exports_before,
            columns,
            tellers,
            names,
            properties,
            others,
            versions,
        })
    }

    /// How many records there are.
    pub(super) fn records(&self) -> usize {
        self.versions.records.len()
    }

    /// The events of all their versions.
    pub(super) fn rows(&self) -> &RecordBatch {
        &self.versions.rows
    }

    /// Whether an event is one of the versions.
    pub(super) fn knows(&self, id: EventId) -> bool {
        self.ids.contains(&id.as_u128())
    }

    /// How a record stood after an import; none where it gave no event then.
    pub(super) fn state(&self, record: usize, import: i64) -> Option<State> {
        let asked = Asked {
            courses: self,
            versions: self.known(record, import),
        };
        let (composed, last) = asked.composed()?;
        let event = match composed.whole {
            Some(whole)
                if asked.only_grew(&composed)
                    || self.always_stood(record, &asked.versions[whole], import) =>
            {
                Standing::Version(asked.versions[whole])
            }
            Some(whole) => Standing::Made(asked.again(whole)),
            None => Standing::Made(asked.event(&composed)),
        };
        Some(State {
            last: asked.versions[last],
            event,
            changes: asked.changes(&composed),
        })
    }

    /// The versions of a record that were known after an import.
    fn known(&self, record: usize, import: i64) -> Vec<Version> {
        let versions = self.versions.records[record].iter();
        let known = versions.filter(|version| of_import(version) <= import);
        known.copied().collect()
    }

    /// Whether a version has stood for its record ever since it came: only then do those who ask what is new learn all by its import.
    fn always_stood(&self, record: usize, version: &Version, until: i64) -> bool {
        let versions = self.versions.records[record].iter();
        let imports: BTreeSet<i64> = versions.map(of_import).collect();
        if imports.len() > MANY_IMPORTS {
            return false;
        }
        let mut since = imports.range(of_import(version)..until.max(of_import(version)));
        since.all(|import| {
            let asked = Asked {
                courses: self,
                versions: self.known(record, *import),
            };
            let stood = asked.composed().and_then(|(composed, _)| composed.whole);
            stood.is_some_and(|stood| asked.versions[stood].entry == version.entry)
        })
    }

    pub(super) fn withdrawn_since(&self, import: i64, of_changes: bool) -> Vec<Withdrawn> {
        let mut withdrawn = Vec::new();
        for record in 0..self.versions.records.len() {
            let versions = self.versions.records[record].iter();
            if versions.map(of_import).all(|of| of <= import) {
                continue;
            }
            let now: HashSet<EventId> = self
                .told(record, i64::MAX, of_changes)
                .map(|one| one.0)
                .collect();
            let before = self.told(record, import, of_changes);
            let gone = before.filter(|(id, _)| !now.contains(id));
            withdrawn.extend(gone.map(|(id, row)| Withdrawn {
                id,
                about: self.about(row),
            }));
        }
        withdrawn
    }

    /// The events that a record gave after an import, or its changes: ids, and the rows that tell what they are about.
    fn told(
        &self,
        record: usize,
        import: i64,
        of_changes: bool,
    ) -> impl Iterator<Item = (EventId, u32)> {
        let state = self.state(record, import);
        let told: Vec<(EventId, u32)> = match state {
            None => Vec::new(),
            Some(state) if of_changes => state
                .changes
                .iter()
                .map(|made| (made.id, made.other))
                .collect(),
            Some(state) => match state.event {
                Standing::Version(version) => version
                    .row
                    .map(|row| (version.entry.id(), row))
                    .into_iter()
                    .collect(),
                Standing::Made(made) => vec![(made.id, made.other)],
            },
        };
        told.into_iter()
    }

    fn about(&self, row: u32) -> Option<String> {
        let about = self.versions.rows.column_by_name(column::ABOUT)?;
        let about = about.as_string_opt::<i32>()?;
        let row = row as usize;
        about.is_valid(row).then(|| about.value(row).to_owned())
    }
}
