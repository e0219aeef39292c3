//! The changes of one kind at a snapshot: which versions stand for their record, which events are put together, and what has changed since an earlier point.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amends_model::{EventId, Result, event};
use arrow::datatypes::SchemaRef;
use rayon::prelude::*;

use super::courses::{Courses, Standing, State};
use super::dated::Teller;
use super::gather::{Version, Versions};
use super::made::{self, Together};
use crate::contents::Mark;
use crate::{Withdrawn, columns};

/// The changes of one kind.
pub(crate) struct Changes {
    /// Events of the kind that are put together.
    pub(crate) made: Together,
    /// The events that tell of changes.
    pub(crate) changes: Together,
    /// By part the rows that stand for their record although a newer version came.
    shown: BTreeMap<i64, BTreeSet<u32>>,
    /// By part the rows that do not stand for their record although they are its newest version.
    hidden: BTreeMap<i64, Vec<Mark>>,
    course: Courses,
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let changes = self.changes.events.num_rows();
        f.debug_struct("Changes")
            .field("changes", &changes)
            .finish_non_exhaustive()
    }
}

impl Changes {
    /// Composes the records of a kind.
    ///
    /// # Errors
    /// `AM0408` when the columns cannot be compared, which is a mistake of ours.
    pub(crate) fn new(
        kind: &str,
        schema: &SchemaRef,
        versions: Versions,
        tellers: Arc<BTreeMap<i64, Teller>>,
    ) -> Result<Self> {
        let course = Courses::new(kind, schema, versions, tellers)?;
        let (mut shown, mut hidden) = (BTreeMap::new(), BTreeMap::new());
        let (mut events, mut changes) = (Vec::new(), Vec::new());
        let states = (0..course.records()).into_par_iter();
        let states: Vec<State> = states
            .filter_map(|record| course.state(record, i64::MAX))
            .collect();
        for state in states {
            let last = state.last;
            match state.event {
                Standing::Version(version) if version.entry == last.entry => {}
                Standing::Version(version) => {
                    hide(&mut hidden, last);
                    let rows: &mut BTreeSet<u32> = shown.entry(version.part).or_default();
                    rows.insert(version.entry.row);
                }
                Standing::Made(made) => {
                    hide(&mut hidden, last);
                    events.push(made);
                }
            }
            changes.extend(state.changes);
        }
        let rows = course.rows();
        let made = made::together(kind, schema, rows, &events)?;
        let of_changes = schema_of_changes(schema)?;
        let changes = made::together(&event::changes_of(kind), &of_changes, rows, &changes)?;
        Ok(Self {
            made,
            changes,
            shown,
            hidden,
            course,
        })
    }

    /// The rows of a part that no reader sees, with their ids, given those that are superseded or withdrawn.
    pub(crate) fn unseen(&self, part: i64, marks: &[Mark]) -> Vec<Mark> {
        let shown = self.shown.get(&part);
        let is_shown = |row: u32| shown.is_some_and(|shown| shown.contains(&row));
        let mut unseen: Vec<Mark> = marks
            .iter()
            .filter(|mark| !is_shown(mark.row))
            .copied()
            .collect();
        unseen.extend(self.hidden.get(&part).into_iter().flatten());
        unseen
    }

    /// Whether an event is a version of a record that is composed: what became of it is told by `withdrawn_since`.
    pub(crate) fn knows(&self, id: EventId) -> bool {
        self.course.knows(id)
    }

    /// The events of the kind, or of its changes, that stood after an import and do so no longer.
    pub(crate) fn withdrawn_since(&self, import: i64, of_changes: bool) -> Vec<Withdrawn> {
        self.course.withdrawn_since(import, of_changes)
    }
}

fn hide(hidden: &mut BTreeMap<i64, Vec<Mark>>, version: Version) {
    let mark = Mark {
        row: version.entry.row,
        id: version.id,
        by: version.id,
        position: None,
    };
    hidden.entry(version.part).or_default().push(mark);
}

/// The columns of a kind's changes.
///
/// # Errors
/// `AM0010` when a property has the name of one of ours.
pub(crate) fn schema_of_changes(schema: &SchemaRef) -> Result<SchemaRef> {
    let mut properties = columns::properties(schema);
    let own = event::properties_of_changes();
    properties.retain(|(name, _)| own.iter().all(|(own, _)| own != name));
    properties.extend(own);
    columns::schema(&properties)
}
