//! Drafts become events in the columns of the ledger.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use amends_model::event::id_type;
use amends_model::{IdentifierId, RecordKey};
use amends_project::definition::Counted;
use arrow::array::{
    ArrayRef, FixedSizeBinaryArray, Int32Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt32Array,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::Field;
use arrow::error::ArrowError;

use super::content::{PersonalKey, keyed};
use super::draft::{Draft, NOBODY};
use super::key;
use super::names::Names;
use super::plan::EventPlan;
use super::value::Named;

/// What is known of the records of a batch, whatever they become.
pub(crate) struct Records<'a> {
    /// The source.
    pub(crate) source: &'a str,
    /// Its stream.
    pub(crate) stream: &'a str,
    /// The version of its mapping.
    pub(crate) mapping: &'a str,
    /// Their lines.
    pub(crate) lines: &'a [i64],
    /// Their native keys.
    pub(crate) native: Option<&'a StringArray>,
    /// Their versions.
    pub(crate) versions: Option<&'a Int64Array>,
    /// Microseconds at which they were received.
    pub(crate) received_at: i64,
    /// The number of the import.
    pub(crate) import: i64,
    /// The names met, minted.
    pub(crate) names: &'a BTreeMap<String, Names>,
    /// The vault's key for hashes of personal text.
    pub(crate) personal_key: &'a PersonalKey,
    /// Personal fields of what happened before this, in microseconds, are not kept.
    pub(crate) personal_from: i64,
    /// Who was erased.
    pub(crate) erased: &'a HashSet<IdentifierId>,
}

impl Records<'_> {
    /// Whom an event names: the identifiers in the order of the plan, each once.
    pub(crate) fn named(&self, plan: &EventPlan, draft: &Draft, place: usize) -> Vec<IdentifierId> {
        let mut named = Vec::with_capacity(plan.identifiers.len());
        for (identifier, places) in plan.identifiers.iter().zip(&draft.names) {
            let names = self.names.get(&identifier.rule.name);
            let place = places[place];
            if let (Some(names), true) = (names, place != NOBODY) {
                let id = names.id(place);
                if !named.contains(&id) {
                    named.push(id);
                }
            }
        }
        named
    }
}

/// The events of a draft that go into the ledger.
pub(crate) struct Assembly<'a> {
    /// The records.
    pub(crate) records: &'a Records<'a>,
    /// The plan.
    pub(crate) plan: &'a EventPlan,
    /// The draft.
    pub(crate) draft: &'a Draft,
    /// The places in the draft that are kept.
    pub(crate) kept: &'a [u32],
    /// The key of each place that is kept.
    pub(crate) keys: &'a [RecordKey],
    /// What is left over of each record kept whose first event this is.
    pub(crate) rest: &'a [Option<String>],
}

impl Assembly<'_> {
    /// The events, in the columns of `amends_model::event`.
    ///
    /// # Errors
    /// When the columns do not become a batch, which is a mistake of ours.
    pub(crate) fn events(&self) -> Result<RecordBatch, ArrowError> {
        let Self {
            records,
            plan,
            draft,
            kept,
            ..
        } = self;
        let count = kept.len();
        let rows: Vec<usize> = self.each(|place| draft.rows[place] as usize).collect();
        let properties = self.properties()?;
        let native = records.native.map(|native| {
            rows.iter()
                .map(|row| Some(native.value(*row)))
                .collect::<StringArray>()
        });
        let versions = rows.iter().map(|row| {
            records.versions.and_then(|versions| {
                arrow::array::Array::is_valid(versions, *row).then(|| versions.value(*row))
            })
        });
        let keys: Vec<u8> = self.keys.iter().flat_map(|key| key.0).collect();
        let same = |text: &str| {
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(
                text, count,
            ))) as ArrayRef
        };
        let amounts: Int64Array = self.each(|place| self.amount(place)).collect();
        let currencies: StringArray = self.each(|place| self.currency(place)).collect();
        let abouts: StringArray = self.each(|place| self.about(place)).collect();
        let (identifiers, others) = self.identifiers()?;
        let mut columns: Vec<ArrayRef> = vec![
            sixteen(vec![0; 16 * count])?,
            sixteen(keys)?,
            Arc::new(Int64Array::from(self.contents(&properties)?)),
            Arc::new(versions.collect::<Int64Array>()),
            same(records.source),
            same(records.stream),
            Arc::new(native.unwrap_or_else(|| StringArray::new_null(count))),
            same(&plan.kind),
            moments(self.each(|place| draft.at[place].micros)),
            Arc::new(Int32Array::from_iter_values(
                self.each(|place| draft.at[place].offset),
            )),
            Arc::new(StringArray::from_iter(self.each(|place| {
                draft.at[place].note.map(amends_model::time::Note::as_str)
            }))),
            moments(std::iter::repeat_n(records.received_at, count)),
            identifiers,
            others,
            Arc::new(abouts),
            Arc::new(amounts),
            Arc::new(currencies),
            Arc::new(Int64Array::from_value(records.import, count)),
            same(records.mapping),
            Arc::new(Int64Array::from_iter_values(
                rows.iter().map(|row| records.lines[*row]),
            )),
        ];
        columns.extend(properties);
        columns.push(Arc::new(StringArray::from_iter(
            self.rest.iter().map(Option::as_deref),
        )));
        RecordBatch::try_new(plan.schema.clone(), columns)
    }

    fn each<'a, T>(&'a self, value: impl Fn(usize) -> T + 'a) -> impl Iterator<Item = T> + 'a {
        self.kept.iter().map(move |place| value(*place as usize))
    }

    fn about(&self, place: usize) -> Option<&str> {
        text(self.draft.about.as_ref(), place).filter(|about| !about.is_empty())
    }

    fn amount(&self, place: usize) -> Option<i64> {
        let amount = self.draft.amount.as_ref()?;
        arrow::array::Array::is_valid(amount, place).then(|| amount.value(place))
    }

    /// Only money has a currency.
    fn currency(&self, place: usize) -> Option<&str> {
        self.amount(place)?;
        Some(text(self.draft.currency.as_ref(), place).unwrap_or(&self.plan.usual_currency))
    }

    fn properties(&self) -> Result<Vec<ArrayRef>, ArrowError> {
        if self.kept.len() == self.draft.rows.len() {
            return Ok(self.draft.properties.clone());
        }
        let kept = UInt32Array::from(self.kept.to_vec());
        self.draft
            .properties
            .iter()
            .map(|column| take(column, &kept, None))
            .collect()
    }

    /// The first identifier of an event.
    pub(crate) fn subject(&self, place: u32) -> Option<IdentifierId> {
        self.named(place as usize).first().copied()
    }

    /// Whether that is an account.
    pub(crate) fn is_of_account(&self, place: u32) -> bool {
        let identifiers = self.plan.identifiers.iter().zip(&self.draft.names);
        let mut named = identifiers.filter(|(_, places)| places[place as usize] != NOBODY);
        let first = named.next();
        first.is_some_and(|(identifier, _)| identifier.rule.names == Counted::Accounts)
    }

    fn named(&self, place: usize) -> Vec<IdentifierId> {
        self.records.named(self.plan, self.draft, place)
    }

    fn identifiers(&self) -> Result<(ArrayRef, ArrayRef), ArrowError> {
        let (mut firsts, mut others) = (Vec::new(), Vec::new());
        let (mut ends, mut there) = (vec![0i32], Vec::new());
        for named in self.each(|place| self.named(place)) {
            let (first, more) = named
                .split_first()
                .map_or((IdentifierId([0; 16]), &[][..]), |(first, more)| {
                    (*first, more)
                });
            firsts.extend(first.0);
            others.extend(more.iter().flat_map(|id| id.0));
            ends.push((others.len() / 16) as i32);
            there.push(!more.is_empty());
        }
        let others = ListArray::try_new(
            Arc::new(Field::new_list_field(id_type(), false)),
            OffsetBuffer::new(ends.into()),
            sixteen(others)?,
            Some(NullBuffer::from(there)),
        )?;
        Ok((sixteen(firsts)?, Arc::new(others)))
    }

    /// The hash of everything that the source said in each event.
    fn contents(&self, properties: &[ArrayRef]) -> Result<Vec<i64>, ArrowError> {
        let names = self.plan.properties.iter().map(|(name, ..)| name.as_str());
        let properties = Named::of(names.zip(properties))?;
        let mut said = Vec::new();
        let mut contents = Vec::with_capacity(self.kept.len());
        for (row, place) in self.kept.iter().enumerate() {
            said.clear();
            self.say(*place as usize, &mut said);
            properties.write(row, &mut said);
            said.push(b'r');
            said.extend_from_slice(self.rest[row].as_deref().unwrap_or_default().as_bytes());
            contents.push(key::event(&said));
        }
        Ok(contents)
    }

    /// What an event says in the columns that every event has.
    fn say(&self, place: usize, said: &mut Vec<u8>) {
        let at = &self.draft.at[place];
        said.extend_from_slice(&at.micros.to_le_bytes());
        let note = at.note.map_or("", amends_model::time::Note::as_str);
        let mut told = |tag: u8, text: &[u8]| {
            said.push(tag);
            said.extend_from_slice(&(text.len() as u64).to_le_bytes());
            said.extend_from_slice(text);
        };
        told(b'n', note.as_bytes());
        if let Some(about) = self.about(place) {
            told(b'a', about.as_bytes());
        }
        if let Some(amount) = self.amount(place) {
            told(b'm', &amount.to_le_bytes());
            told(b'c', self.currency(place).unwrap_or_default().as_bytes());
        }
        for (identifier, places) in self.plan.identifiers.iter().zip(&self.draft.names) {
            let namespace = &identifier.rule.name;
            let names = self.records.names.get(namespace);
            let place = places[place];
            if let (Some(names), true) = (names, place != NOBODY) {
                told(b'i', namespace.as_bytes());
                let name = names.name(place).as_bytes();
                if identifier.is_personal {
                    told(b'p', &keyed(name, self.records.personal_key));
                } else {
                    told(b'o', name);
                }
            }
        }
    }
}

fn text(column: Option<&StringArray>, place: usize) -> Option<&str> {
    let column = column?;
    arrow::array::Array::is_valid(column, place).then(|| column.value(place))
}

fn sixteen(bytes: Vec<u8>) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(FixedSizeBinaryArray::try_new(
        16,
        Buffer::from_vec(bytes),
        None,
    )?))
}

fn moments(micros: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC"))
}
