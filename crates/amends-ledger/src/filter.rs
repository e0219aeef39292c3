//! Which events a scan is after.

use std::collections::HashSet;

use amends_model::event::column;
use amends_model::{IdentifierId, Result, time};
use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use jiff::Timestamp;

use crate::Point;
use crate::columns;
use crate::index::about_hash;
use crate::whereabouts::Sought;

/// Which events a scan is after. Everything that is `None` is not asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before (exclusive).
    pub until: Option<Timestamp>,
    /// Whose: the first identifier or one of the others.
    pub identifiers: Option<Vec<IdentifierId>>,
    /// About what.
    pub abouts: Option<Vec<String>>,
    /// Only what came in after the ledger stood there. It may bring events of before as well, where that is cheaper to tell.
    pub entered_after: Option<Point>,
}

/// A filter made ready for asking.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    from: Option<i64>,
    until: Option<i64>,
    identifiers: Option<HashSet<u128>>,
    abouts: Option<HashSet<String>>,
    pub(crate) entered_after: Option<Point>,
}

impl Wanted {
    pub(crate) fn new(filter: &Filter) -> Self {
        let identifiers = filter.identifiers.as_ref();
        let identifiers = identifiers.map(|ids| ids.iter().map(|id| id.as_u128()).collect());
        let abouts = filter.abouts.as_ref();
        Self {
            from: filter.from.map(time::micros),
            until: filter.until.map(time::micros),
            identifiers,
            abouts: abouts.map(|abouts| abouts.iter().cloned().collect()),
            entered_after: filter.entered_after.clone(),
        }
    }

    /// What the key file of a segment can be asked.
    pub(crate) fn sought(&self) -> Sought {
        let identifiers = self.identifiers.as_ref();
        let abouts = self.abouts.as_ref();
        Sought {
            from: self.from,
            until: self.until,
            identifiers: identifiers.map(|ids| ids.iter().copied().collect()),
            abouts: abouts.map(|abouts| abouts.iter().map(|a| about_hash(a)).collect()),
        }
    }

    /// Whether events between two moments, both included, may be wanted.
    pub(crate) fn overlaps(&self, (first, last): (i64, i64)) -> bool {
        self.from.is_none_or(|from| last >= from) && self.until.is_none_or(|until| first < until)
    }

    /// The columns that must be read to tell which of the events between two moments are wanted.
    pub(crate) fn needs(&self, (first, last): (i64, i64)) -> Vec<&'static str> {
        let mut needs = Vec::new();
        let inside = self.from.is_none_or(|from| first >= from)
            && self.until.is_none_or(|until| last < until);
        if !inside {
            needs.push(column::AT);
        }
        if self.identifiers.is_some() {
            needs.extend([column::IDENTIFIER, column::OTHERS]);
        }
        if self.abouts.is_some() {
            needs.push(column::ABOUT);
        }
        if self.entered_after.is_some() {
            needs.push(column::IMPORT);
        }
        needs
    }

    /// Which rows are wanted; `None` when all are. The batch has the columns that `needs` named.
    pub(crate) fn rows(&self, batch: &RecordBatch) -> Result<Option<BooleanArray>> {
        let entered = match &self.entered_after {
            Some(_) => columns::integers(batch, column::IMPORT)?.values(),
            None => &[][..],
        };
        self.rows_since(batch, entered)
    }

    /// As `rows`, of events that came in with these imports, whatever they say themselves.
    pub(crate) fn rows_since(
        &self,
        batch: &RecordBatch,
        entered: &[i64],
    ) -> Result<Option<BooleanArray>> {
        let mut keep: Option<Vec<bool>> = None;
        let all = || vec![true; batch.num_rows()];
        if (self.from.is_some() || self.until.is_some())
            && batch.column_by_name(column::AT).is_some()
        {
            let keep = keep.get_or_insert_with(all);
            for (keep, at) in keep.iter_mut().zip(columns::moments(batch)?) {
                *keep &= self.overlaps((*at, *at));
            }
        }
        if let Some(identifiers) = &self.identifiers {
            let keep = keep.get_or_insert_with(all);
            let whose = columns::ids(batch, column::IDENTIFIER)?;
            let others = batch.column_by_name(column::OTHERS);
            let others = others.and_then(|others| others.as_list_opt::<i32>());
            for (row, keep) in keep.iter_mut().enumerate().filter(|(_, keep)| **keep) {
                let first = identifiers.contains(&columns::id_at(whose, row));
                *keep = first
                    || others.is_some_and(|others| {
                        others.is_valid(row) && names_any(&others.value(row), identifiers)
                    });
            }
        }
        if let Some(abouts) = &self.abouts {
            let keep = keep.get_or_insert_with(all);
            let about = batch.column_by_name(column::ABOUT);
            let about = about.and_then(|about| about.as_string_opt::<i32>());
            for (row, keep) in keep.iter_mut().enumerate().filter(|(_, keep)| **keep) {
                *keep = about
                    .is_some_and(|about| about.is_valid(row) && abouts.contains(about.value(row)));
            }
        }
        if let Some(point) = &self.entered_after {
            let keep = keep.get_or_insert_with(all);
            for (keep, import) in keep.iter_mut().zip(entered) {
                *keep &= point.may_be_after(*import);
            }
        }
        Ok(keep.map(BooleanArray::from))
    }
}

fn names_any(ids: &arrow::array::ArrayRef, wanted: &HashSet<u128>) -> bool {
    let Some(ids) = ids.as_fixed_size_binary_opt() else {
        return false;
    };
    (0..ids.len()).any(|place| wanted.contains(&columns::id_at(ids, place)))
}
