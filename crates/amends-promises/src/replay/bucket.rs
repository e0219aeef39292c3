//! The facts of one bucket become instances, as columns.

use std::sync::Arc;

use amends_model::event::column;
use amends_model::{EventId, Problem, Result, State, time};
use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeBinaryArray, Int64Array, ListArray, RecordBatch,
    TimestampMicrosecondArray, UInt8Array, new_null_array,
};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::compute::interleave;
use arrow::datatypes::{DataType, SchemaRef};
use jiff::Timestamp;

use super::LeftOut;
use super::columns::{built, proof_item};
use super::gather::{Gathered, Pass, Pieces};
use super::judge::{Moments, judge, reaching};
use crate::attributes;
use crate::compile::Compiled;
use crate::fact::{Fact, Role};
use crate::fold::Standing;

/// The things of a bucket, in order of their keys.
#[derive(Default)]
pub(crate) struct Bucket {
    /// The things about which an instance stands.
    pub(crate) things: Vec<Thing>,
    /// These instances.
    pub(crate) instances: Option<RecordBatch>,
    /// Those about which something was said and no instance stands.
    pub(crate) loose: Vec<Thing>,
}

impl Bucket {
    /// What would have opened an instance and did not.
    pub(super) fn left_out(&self) -> LeftOut {
        let mut all = LeftOut::default();
        let things = self.things.iter().chain(&self.loose);
        things.for_each(|thing| all += thing.left_out);
        all
    }
}

/// Something that events are about.
#[derive(Clone, Copy)]
pub(crate) struct Thing {
    pub(crate) key: u128,
    /// What would have opened an instance about it and did not.
    pub(crate) left_out: LeftOut,
}

/// The facts of a bucket in order of their keys, their sources ranked.
fn in_order(pieces: &Pieces, pass: &Pass) -> Vec<Gathered> {
    let mut all = Vec::with_capacity(pieces.iter().map(Vec::len).sum());
    let ranked = |gathered: &Gathered| Gathered {
        fact: gathered.fact.ranked(&pass.ranks),
        ..*gathered
    };
    for piece in pieces {
        all.extend(piece.iter().map(ranked));
    }
    all.sort_unstable_by_key(|gathered| gathered.key);
    all
}

/// Folds the facts of a bucket, thing by thing in order of their keys.
pub(super) fn fold(
    compiled: &Compiled,
    schema: &SchemaRef,
    pieces: &Pieces,
    pass: &Pass,
    moments: Moments,
) -> Result<Bucket> {
    let mut bucket = Bucket::default();
    let mut folded = Folded {
        proof_ends: vec![0],
        ..Folded::default()
    };
    let mut facts: Vec<Fact> = Vec::new();
    let gathered = in_order(pieces, pass);
    for about_one in gathered.chunk_by(|one, other| one.key == other.key) {
        facts.clear();
        facts.extend(about_one.iter().map(|gathered| gathered.fact));
        let reaching = reaching(&facts, &pass.reaching);
        facts.extend(reaching.map(|fact| fact.ranked(&pass.ranks)));
        let judged = judge(compiled, &mut facts, moments, &mut folded.proof);
        let thing = Thing {
            key: about_one[0].key,
            left_out: judged.left_out,
        };
        let Some(standing) = judged.standing else {
            bucket.loose.push(thing);
            continue;
        };
        let opening = facts[standing.opening];
        let is_opening = |gathered: &&Gathered| {
            gathered.fact.id == opening.id && gathered.fact.role == Role::Opens
        };
        let Some(gathered) = about_one.iter().find(is_opening) else {
            bucket.loose.push(thing);
            continue;
        };
        bucket.things.push(thing);
        folded
            .proof_ends
            .push(i32::try_from(folded.proof.len()).map_err(too_many)?);
        folded
            .openings
            .push((gathered.opening.0 as usize, gathered.opening.1 as usize));
        folded.standings.push(standing);
    }
    if !folded.standings.is_empty() {
        bucket.instances = Some(folded.columns(compiled, schema, &pass.openings)?);
    }
    Ok(bucket)
}

/// The instances of a bucket.
#[derive(Default)]
struct Folded {
    standings: Vec<Standing>,
    /// Batch and row of each one's opening.
    openings: Vec<(usize, usize)>,
    proof: Vec<EventId>,
    proof_ends: Vec<i32>,
}

fn too_many(error: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(
        "AM0705",
        "the instances of a promise do not fit their columns",
    )
    .because(error)
}

impl Folded {
    fn columns(
        self,
        compiled: &Compiled,
        schema: &SchemaRef,
        openings: &[RecordBatch],
    ) -> Result<RecordBatch> {
        let serious = self.serious(compiled, openings)?;
        let all = &self.standings;
        let codes = all.iter().map(|standing| standing.state as u8);
        let late = all.iter().map(|standing| standing.late_by);
        let mut columns: Vec<ArrayRef> = vec![
            self.abouts(compiled, openings)?,
            taken(openings, column::IDENTIFIER, &self.openings)?,
            Arc::new(codes.collect::<UInt8Array>()),
            moments(all, |standing| Some(standing.opened_at)),
            moments(all, |standing| Some(standing.due_at)),
            moments(all, |standing| standing.paused_since),
            moments(all, |standing| standing.closed_at),
            moments(all, |standing| standing.could_have_known),
            Arc::new(late.collect::<Int64Array>()),
            Arc::new(Int64Array::from(serious)),
            proof(self.proof, self.proof_ends)?,
        ];
        for name in &compiled.promise.attributes {
            let has = |batch: &RecordBatch| batch.column_by_name(name).is_some();
            let values = if openings.iter().all(has) {
                taken(openings, name, &self.openings)?
            } else {
                // No source gives it: empty is a value.
                new_null_array(&DataType::Utf8, all.len())
            };
            columns.push(Arc::new(attributes::lists(&values)?));
        }
        built(schema, columns)
    }

    fn abouts(&self, compiled: &Compiled, openings: &[RecordBatch]) -> Result<ArrayRef> {
        let abouts: Vec<_> = openings
            .iter()
            .map(|batch| compiled.abouts(batch))
            .collect::<Result<_>>()?;
        let abouts: Vec<&dyn Array> = abouts.iter().map(|abouts| abouts as _).collect();
        interleave(&abouts, &self.openings).map_err(too_many)
    }

    /// 0 for what is no let-down, else as the definition grades it.
    fn serious(&self, compiled: &Compiled, openings: &[RecordBatch]) -> Result<Vec<i64>> {
        let let_down = |index: &usize| self.standings[*index].state.is_let_down();
        let let_downs: Vec<usize> = (0..self.standings.len()).filter(let_down).collect();
        let mut serious = vec![0; self.standings.len()];
        if let_downs.is_empty() {
            return Ok(serious);
        }
        let rows: Vec<(usize, usize)> = let_downs
            .iter()
            .map(|index| self.openings[*index])
            .collect();
        let columns = compiled
            .serious
            .columns()
            .map(|name| taken(openings, name, &rows))
            .collect::<Result<_>>()?;
        let late_by: Vec<Option<i64>> = let_downs
            .iter()
            .map(|index| self.standings[*index].late_by)
            .collect();
        let states: Vec<State> = let_downs
            .iter()
            .map(|index| self.standings[*index].state)
            .collect();
        let grades = compiled.serious.of(columns, &late_by, &states)?;
        for (index, grade) in let_downs.into_iter().zip(grades) {
            serious[index] = grade.into();
        }
        Ok(serious)
    }
}

/// A column of the opening events.
fn taken(openings: &[RecordBatch], name: &str, rows: &[(usize, usize)]) -> Result<ArrayRef> {
    let columns: Option<Vec<&dyn Array>> = openings
        .iter()
        .map(|batch| batch.column_by_name(name).map(AsRef::as_ref))
        .collect();
    let columns = columns.ok_or_else(|| {
        Problem::new("AM0705", "events do not have the columns that events have")
            .detail(format!("{name:?}"))
    })?;
    match identifiers(&columns) {
        Some(ids) => {
            let mut bytes: Vec<u8> = Vec::with_capacity(16 * rows.len());
            for (batch, row) in rows {
                bytes.extend_from_slice(ids[*batch].value(*row));
            }
            let ids = FixedSizeBinaryArray::try_new(16, Buffer::from_vec(bytes), None);
            Ok(Arc::new(ids.map_err(too_many)?))
        }
        None => interleave(&columns, rows).map_err(too_many),
    }
}

/// Columns of 16 bytes each without nulls, which `interleave` takes slowly; `None` for others.
fn identifiers<'a>(columns: &[&'a dyn Array]) -> Option<Vec<&'a FixedSizeBinaryArray>> {
    let ids = columns.iter().map(|column| {
        let ids = column.as_fixed_size_binary_opt()?;
        (ids.value_length() == 16 && ids.null_count() == 0).then_some(ids)
    });
    ids.collect()
}

fn moments(all: &[Standing], of: impl Fn(&Standing) -> Option<i64>) -> ArrayRef {
    // A deadline that is never reached is shown as the last moment that can be told.
    let last = time::micros(Timestamp::MAX);
    let moments = all
        .iter()
        .map(|standing| of(standing).map(|micros| micros.min(last)));
    Arc::new(
        moments
            .collect::<TimestampMicrosecondArray>()
            .with_timezone("UTC"),
    )
}

fn proof(ids: Vec<EventId>, ends: Vec<i32>) -> Result<ArrayRef> {
    let mut bytes: Vec<u8> = Vec::with_capacity(16 * ids.len());
    ids.iter().for_each(|id| bytes.extend_from_slice(&id.0));
    let ids = FixedSizeBinaryArray::try_new(16, Buffer::from_vec(bytes), None);
    let ids = ids.map_err(too_many)?;
    let ends = OffsetBuffer::new(ends.into());
    let lists = ListArray::try_new(proof_item(), ends, Arc::new(ids), None);
    Ok(Arc::new(lists.map_err(too_many)?))
}
