//! Which events of the drafts go into the ledger, with what is left over of their records and what is personal.

use std::collections::HashSet;

use amends_model::RecordKey;
use amends_vault::Personal;
use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::error::ArrowError;

use super::content;
use super::draft::Draft;
use super::event::{Assembly, Records};
use super::fault::Faults;
use super::key::Keys;
use super::plan::Mapping;
use super::run::{Mapped, Staged};
use super::silent::silences;
use super::value::Named;
use crate::decode::UNNAMED;

/// How each record of a batch is known.
pub(crate) struct Known {
    /// By a native key.
    pub(crate) native: Option<StringArray>,
    /// By its content, and how often that came before.
    pub(crate) content: Vec<(u128, u32)>,
}

impl Known {
    fn key(&self, row: usize, keys: &mut Keys) -> RecordKey {
        match &self.native {
            Some(native) => keys.native(native.value(row)),
            None => keys.content(self.content[row].0, self.content[row].1),
        }
    }
}

/// The events of the records that have no fault.
///
/// # Errors
/// When columns cannot be put together, which is a mistake of ours.
pub(crate) fn assemble(
    mapping: &Mapping,
    keys: &mut [Keys],
    batch: &RecordBatch,
    drafts: &[Draft],
    known: &Known,
    records: &Records<'_>,
    faults: &Faults,
) -> Result<Mapped, ArrowError> {
    let mut over = Over::new(mapping, batch)?;
    let mut mapped = Mapped::default();
    let naming_erased = naming_erased(mapping, drafts, records);
    for ((plan, draft), keys) in mapping.events.iter().zip(drafts).zip(keys) {
        let places = 0..draft.rows.len() as u32;
        let row = |place: &u32| draft.rows[*place as usize];
        let kept: Vec<u32> = places.filter(|place| !faults.has(row(place))).collect();
        let rows: Vec<usize> = kept.iter().map(|place| row(place) as usize).collect();
        let own: Vec<_> = rows.iter().map(|row| known.key(*row, keys)).collect();
        let firsts: Vec<bool> = rows.iter().map(|row| over.is_first(*row)).collect();
        let of_firsts = rows.iter().zip(&firsts);
        let rest: Vec<_> = of_firsts
            .map(|(row, first)| first.then(|| over.rest(*row)).flatten())
            .collect();
        let assembly = Assembly {
            records,
            plan,
            draft,
            kept: &kept,
            keys: &own,
            rest: &rest,
        };
        // The key of an account outlives its people: what names one of them who was erased must not stand under it.
        let may_stay = |place: usize, row: u32| {
            draft.at[kept[place] as usize].micros >= records.personal_from
                && !(naming_erased.contains(&row) && assembly.is_of_account(kept[place]))
        };
        let firsts = rows.iter().enumerate().filter(|(place, _)| firsts[*place]);
        for (place, row) in firsts.filter(|(place, row)| may_stay(*place, **row as u32)) {
            let fields = over.personal.json(*row, None);
            if let (Some(fields), Some(subject)) = (fields, assembly.subject(kept[place])) {
                mapped.personal.push(Personal {
                    subject,
                    record: own[place],
                    fields,
                });
            }
        }
        let moments = kept.iter().map(|place| draft.at[*place as usize].micros);
        mapped.latest = mapped.latest.max(moments.max());
        let silent = known.native.as_ref().map_or_else(Vec::new, |native| {
            silences(keys, &draft.rows, native, records, faults)
        });
        if !kept.is_empty() || !silent.is_empty() {
            mapped.events.push(Staged {
                kind: plan.kind.clone(),
                events: assembly.events()?,
                silent,
            });
        }
    }
    Ok(mapped)
}

/// The rows that name somebody who was erased, whichever of their events does.
fn naming_erased(mapping: &Mapping, drafts: &[Draft], records: &Records<'_>) -> HashSet<u32> {
    let mut naming = HashSet::new();
    if records.erased.is_empty() {
        return naming;
    }
    for (plan, draft) in mapping.events.iter().zip(drafts) {
        let named = |place| records.named(plan, draft, place);
        let rows = draft.rows.iter().enumerate();
        let rows = rows.filter(|(place, _)| {
            let mut named = named(*place).into_iter();
            named.any(|id| records.erased.contains(&id))
        });
        naming.extend(rows.map(|(_, row)| *row));
    }
    naming
}

/// What is left over of records: it goes with the first event of each.
struct Over<'a> {
    columns: Named,
    unnamed: Option<&'a StringArray>,
    personal: Named,
    told: Vec<bool>,
}

impl<'a> Over<'a> {
    fn new(mapping: &Mapping, batch: &'a RecordBatch) -> Result<Self, ArrowError> {
        let unnamed = batch.column_by_name(UNNAMED);
        Ok(Self {
            columns: content::columns(batch, &mapping.rest)?,
            unnamed: unnamed.and_then(|column| column.as_string_opt()),
            personal: content::columns(batch, &mapping.spoken.personal)?,
            told: vec![false; batch.num_rows()],
        })
    }

    /// Whether a record gives its first event now.
    fn is_first(&mut self, row: usize) -> bool {
        !std::mem::replace(&mut self.told[row], true)
    }

    fn rest(&self, row: usize) -> Option<String> {
        let unnamed = self.unnamed.filter(|unnamed| unnamed.is_valid(row));
        self.columns
            .json(row, unnamed.map(|unnamed| unnamed.value(row)))
    }
}
