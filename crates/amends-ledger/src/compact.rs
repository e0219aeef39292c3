//! Merges segments of one kind into a larger one, slice of time by slice of time, without holding them whole.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use amends_model::Result;
use amends_model::event::column;
use arrow::array::{BooleanArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, filter_record_batch, take_record_batch};
use arrow::datatypes::SchemaRef;
use rayon::prelude::*;

use crate::change::Change;
use crate::columns;
use crate::contents::{self, Mark};
use crate::entry::Entry;
use crate::index::push_range;
use crate::keys::KeyFile;
use crate::known::KnownPart;
use crate::layout;
use crate::merge::{self, Group};
use crate::part::{Form, NewPart, PartInfo};
use crate::said::{Repeated, Told};
use crate::segment_read::{self, Damage, SegmentRows};
use crate::segment_write::SegmentWriter;
use crate::snapshot::{Segment, segment};
use crate::whereabouts::{self, Sought};
use crate::writer::{Shared, Writer};
use crate::{blocking, once, silence, sizes, staging, sweep, trouble};

/// Events that are held while they are sorted, at most.
const HELD_EVENTS: usize = 1 << 20;

/// Segments that become one.
struct Merging {
    ledger: PathBuf,
    part: i64,
    slice: usize,
    group: Group,
    members: Vec<Member>,
}

/// One of them.
struct Member {
    info: PartInfo,
    segment: Segment,
    marks: Vec<Mark>,
    /// Its rows that do not go on, because the merged segment has their ids already.
    dropped: BTreeSet<u32>,
}

/// What they have become.
struct Merged {
    part: NewPart,
    marks: Vec<Mark>,
    /// What did not go on.
    repeated: Vec<Repeated>,
}

impl Writer {
    /// Merges small segments of a kind into larger ones. Returns how many segments went.
    /// Their files go at once if nobody reads, else when the next writer starts.
    ///
    /// # Errors
    /// `AM0403` when the database fails; `AM0404` when a file cannot be written; `AM0406` when a segment cannot be read;
    /// `AM0407` while an import is under way.
    pub async fn compact(&self) -> Result<u64> {
        let _claim = self.shared.claim()?;
        let _one = self.shared.turn().await?;
        compact(&self.shared, self.shared.sizes.merged_at_most).await
    }
}

/// Merges until no group of segments is due that has no more events than this. The caller holds the right to change the catalog.
///
/// # Errors
/// As `Writer::compact`.
pub(crate) async fn compact(shared: &Shared, most: usize) -> Result<u64> {
    let mut gone = 0;
    let mut complete = BTreeSet::new();
    while crowded(shared).await? {
        let mut contents = contents::read(&shared.catalog).await?;
        contents.parts.retain(|part| {
            matches!(part.form, Form::Segment(_)) && !complete.contains(&part.info.part)
        });
        let infos = contents.parts.iter().map(|part| &part.info);
        let Some(group) = merge::due(infos, shared.sizes.fan, most).pop() else {
            break;
        };
        let members = group.members.iter().map(|place| {
            let info = contents.parts[*place].info.clone();
            let marks = contents.marks.remove(&info.part).unwrap_or_default();
            let segment = segment(&shared.ledger, &info, &marks);
            Member {
                info,
                segment,
                marks,
                dropped: BTreeSet::new(),
            }
        });
        let members: Vec<Member> = members.collect();
        let before = complete.len();
        for member in &members {
            if is_complete(member)? {
                complete.insert(member.info.part);
            }
        }
        if complete.len() > before {
            continue;
        }
        let merging = Merging {
            ledger: shared.ledger.clone(),
            part: shared.catalog.next("part").await?,
            slice: shared.sizes.slice,
            members,
            group,
        };
        gone += merging.members.len() as u64;
        let leave = merging.members.iter().map(|member| member.info.clone());
        let mut change = Change {
            leave: leave.collect(),
            ..Change::default()
        };
        let merged = blocking::run(move || merge(merging)).await?;
        let (part, marks) = (merged.part, merged.marks);
        change.repeated = merged.repeated;
        let info = &part.info;
        let entries = staging::entries_of(&shared.ledger, &info.kind, info.part);
        let known = KnownPart::new(info.part, entries, &marks);
        if !marks.is_empty() {
            change.marks.insert(part.info.part, marks);
        }
        let known = vec![(info.kind.clone(), Arc::new(known))];
        change.enter.push(part);
        shared.enter(&change, known).await?;
    }
    if gone > 0 {
        sweep::sweep(&shared.ledger, &contents::read(&shared.catalog).await?)?;
    }
    Ok(gone)
}

/// Whether a segment stays as it is, because few events fill it: those of one moment are held at once while they are merged.
///
/// # Errors
/// `AM0406` when it cannot be read.
fn is_complete(member: &Member) -> Result<bool> {
    let mean = mean_bytes(member)?;
    let bytes = mean.saturating_mul(member.info.events as usize);
    Ok(mean > sizes::LARGE && bytes > sizes::HELD_OF_LARGE)
}

fn mean_bytes(member: &Member) -> Result<usize> {
    let bytes = segment_read::mean_bytes(&member.segment);
    Ok(bytes.map_err(|error| damaged(member, error))? as usize)
}

/// Whether any kind has enough segments for a group at all.
async fn crowded(shared: &Shared) -> Result<bool> {
    let query = "SELECT COUNT(*) FROM segment GROUP BY kind ORDER BY 1 DESC LIMIT 1";
    let most: Option<i64> = sqlx::query_scalar(query)
        .fetch_optional(&shared.catalog.pool)
        .await
        .map_err(trouble::database)?;
    Ok(most.unwrap_or(0) as usize >= shared.sizes.fan.max(2))
}

/// For each member, and each of its rows, the row in the new segment.
type Moves = Vec<Vec<u32>>;

fn merge(mut merging: Merging) -> Result<Merged> {
    let repeated = without_repeats(&mut merging)?;
    let merging = &merging;
    let schema = columns::schema(&merging.group.properties)?;
    let moments = moments(&merging.members)?;
    let most = held_at_most(&merging.members)?;
    let slice = merging.slice.min(most);
    let cuts = layout::cuts(&moments, slice);
    let info = PartInfo {
        part: merging.part,
        kind: merging.group.kind.clone(),
        events: moments.len() as u64,
        first_at: moments.iter().min().copied().unwrap_or(0),
        last_at: moments.iter().max().copied().unwrap_or(0),
        properties: merging.group.properties.clone(),
    };
    let mut writer = SegmentWriter::begin(&merging.ledger, &info, schema.clone())?;
    let mut moves: Moves = merging
        .members
        .iter()
        .map(|member| vec![0; member.info.events as usize])
        .collect();
    let mut written = 0;
    for span in spans(&moments, &cuts, most) {
        let held = held(&merging.members, &schema, &span)?;
        written = write_span(slice, held, written, &mut writer, &mut moves)?;
    }
    let mut entries = Vec::with_capacity(moments.len());
    let mut marks = Vec::new();
    for (member, moved_to) in merging.members.iter().zip(&moves) {
        let keys = KeyFile::new(member.segment.keys.clone());
        let theirs = keys.all().map_err(|error| damaged_keys(member, error))?;
        let goes_on = |row: u32| !member.dropped.contains(&row);
        for mut entry in theirs.into_iter().filter(|entry| goes_on(entry.row)) {
            entry.row = moved(moved_to, entry.row).map_err(|error| damaged_keys(member, error))?;
            entries.push(entry);
        }
        for mark in member.marks.iter().filter(|mark| goes_on(mark.row)) {
            let row = moved(moved_to, mark.row).map_err(|error| damaged_keys(member, error))?;
            marks.push(Mark { row, ..*mark });
        }
    }
    entries.par_sort_unstable_by_key(|entry| (entry.key, entry.sequence));
    let files = writer.finish(&entries)?;
    let form = Form::Segment(files);
    Ok(Merged {
        part: NewPart { info, form },
        marks,
        repeated,
    })
}

/// Finds the rows whose ids the merged segment would have twice. Only what is withdrawn can come again.
fn without_repeats(merging: &mut Merging) -> Result<Vec<Repeated>> {
    let mut marks = merging.members.iter().flat_map(|member| &member.marks);
    if !marks.any(Mark::is_withdrawn) {
        return Ok(Vec::new());
    }
    let mut members = Vec::with_capacity(merging.members.len());
    for member in &merging.members {
        let entries = KeyFile::new(member.segment.keys.clone()).all();
        let entries = entries.map_err(|error| damaged_keys(member, error))?;
        members.push((entries, member.marks.as_slice()));
    }
    let dropped = once::dropped(&members);
    let mut gone: Vec<(Entry, (Option<i64>, i32))> = Vec::new();
    for ((member, dropped), (entries, _)) in merging.members.iter().zip(&dropped).zip(members) {
        let told = told(member, dropped).map_err(|error| damaged(member, error))?;
        let here = entries.into_iter();
        gone.extend(here.filter_map(|entry| Some((entry, *told.get(&entry.row)?))));
    }
    for (member, dropped) in merging.members.iter_mut().zip(dropped) {
        member.dropped = dropped;
    }
    let gone = gone.iter().map(|(entry, told)| (entry, *told));
    once::repeated(silence::kind_of(&merging.group.kind), merging.part, gone)
}

/// Line and offset of some rows.
fn told(member: &Member, rows: &BTreeSet<u32>) -> Result<HashMap<u32, (Option<i64>, i32)>, Damage> {
    let mut ranges = Vec::new();
    for row in rows {
        push_range(&mut ranges, *row as usize..*row as usize + 1);
    }
    let mut all = HashMap::with_capacity(rows.len());
    if ranges.is_empty() {
        return Ok(all);
    }
    let columns = [column::LINE, column::AT_OFFSET];
    let mut read = SegmentRows::open(&member.segment, &columns, ranges)?;
    let mut rows = rows.iter();
    while let Some(next) = read.next() {
        let batch = next?.0;
        let told = Told::of(&batch)?;
        for (place, row) in (0..batch.num_rows()).zip(&mut rows) {
            all.insert(*row, (told.line(place), told.offset(place)));
        }
    }
    Ok(all)
}

fn moved(moved_to: &[u32], row: u32) -> std::io::Result<u32> {
    let moved = moved_to.get(row as usize).copied();
    moved.ok_or_else(|| std::io::Error::other("it names a row that there is not"))
}

fn damaged(member: &Member, error: impl Into<Damage>) -> amends_model::Problem {
    trouble::unreadable(member.segment.path.display().to_string(), error)
}

fn damaged_keys(member: &Member, error: impl Into<Damage>) -> amends_model::Problem {
    trouble::unreadable(member.segment.keys.display().to_string(), error)
}

/// When all events happened.
fn moments(members: &[Member]) -> Result<Vec<i64>> {
    let mut moments = Vec::new();
    for member in members {
        let mut read = || -> Result<(), Damage> {
            let all = std::iter::once(0..member.info.events as usize).collect();
            let mut rows = SegmentRows::open(&member.segment, &[column::AT], all)?;
            while let Some(next) = rows.next() {
                let (batch, rows) = next?;
                let rows = rows.into_iter().flatten().map(|row| row as u32);
                let all = columns::moments(&batch)?.iter().zip(rows);
                let goes_on = all.filter(|(_, row)| !member.dropped.contains(row));
                moments.extend(goes_on.map(|(at, _)| at));
            }
            Ok(())
        };
        read().map_err(|error| damaged(member, error))?;
    }
    Ok(moments)
}

/// A span of time whose events are held at once: some slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: i64,
    /// Up to and with this moment.
    to: i64,
}

/// How many events are held at once, about: fewer where they are long.
fn held_at_most(members: &[Member]) -> Result<usize> {
    let mut longest = 1;
    for member in members {
        longest = longest.max(mean_bytes(member)?);
    }
    Ok((sizes::held_at_once(longest) / longest).clamp(1, HELD_EVENTS))
}

fn spans(moments: &[i64], cuts: &[i64], most: usize) -> Vec<Span> {
    let mut counts = vec![0_usize; cuts.len() + 1];
    for at in moments {
        counts[cuts.partition_point(|cut| cut <= at)] += 1;
    }
    let mut spans = Vec::new();
    let (mut from, mut held) = (i64::MIN, 0);
    for (cut, count) in cuts.iter().zip(counts) {
        held += count;
        if held >= most {
            spans.push(Span { from, to: *cut - 1 });
            (from, held) = (*cut, 0);
        }
    }
    spans.push(Span { from, to: i64::MAX });
    spans
}

/// The events of a span, in batches, each with its member and its rows there.
type Held = Vec<(RecordBatch, usize, Vec<u32>)>;

fn held(members: &[Member], schema: &SchemaRef, span: &Span) -> Result<Held> {
    let held: Result<Vec<Held>> = members
        .par_iter()
        .enumerate()
        .map(|(place, member)| {
            let sought = Sought {
                from: Some(span.from),
                until: span.to.checked_add(1),
                ..Sought::default()
            };
            let rows = whereabouts::rows(&member.segment.keys, &sought)
                .map_err(|error| damaged_keys(member, error))?;
            if rows.is_empty() {
                return Ok(Vec::new());
            }
            of_member(member, place, schema, span, rows).map_err(|error| damaged(member, error))
        })
        .collect();
    Ok(held?.into_iter().flatten().collect())
}

fn of_member(
    member: &Member,
    place: usize,
    schema: &SchemaRef,
    span: &Span,
    rows: Vec<Range<usize>>,
) -> Result<Held, Damage> {
    let fields = schema.fields().iter();
    let names: Vec<&str> = fields.map(|field| field.name().as_str()).collect();
    let mut batches = SegmentRows::open(&member.segment, &names, rows)?;
    let mut held = Vec::new();
    while let Some(next) = batches.next() {
        let (batch, rows) = next?;
        let batch = columns::fitted(&batch, schema)?;
        let inside = |at: &i64| (span.from..=span.to).contains(at);
        let rows: Vec<u32> = rows.into_iter().flatten().map(|row| row as u32).collect();
        let keep = columns::moments(&batch)?.iter().zip(&rows);
        let keep = keep.map(|(at, row)| inside(at) && !member.dropped.contains(row));
        let keep: Vec<bool> = keep.collect();
        let rows = rows.iter().zip(&keep);
        let rows = rows.filter_map(|(row, keep)| keep.then_some(*row));
        let rows: Vec<u32> = rows.collect();
        if !rows.is_empty() {
            let batch = filter_record_batch(&batch, &BooleanArray::from(keep))?;
            held.push((batch, place, rows));
        }
    }
    Ok(held)
}

/// Sorts what is held into slices and writes them; returns how many rows are written by then.
fn write_span(
    slice: usize,
    held: Held,
    mut written: u32,
    writer: &mut SegmentWriter,
    moves: &mut Moves,
) -> Result<u32> {
    let misfit = |error: arrow::error::ArrowError| trouble::misfit(error.to_string());
    let Some((first, _, _)) = held.first() else {
        return Ok(written);
    };
    let joined = concat_batches(&first.schema(), held.iter().map(|(batch, _, _)| batch));
    let joined = joined.map_err(misfit)?;
    let origins = held.iter();
    let origins = origins.flat_map(|(_, place, rows)| rows.iter().map(move |row| (*place, *row)));
    let origins: Vec<(usize, u32)> = origins.collect();
    drop(held);
    let identifiers = columns::ids(&joined, column::IDENTIFIER)?;
    let identifiers: Vec<u128> = (0..joined.num_rows())
        .map(|row| columns::id_at(identifiers, row))
        .collect();
    let order = layout::order(columns::moments(&joined)?, &identifiers, slice);
    let mut rows = order.rows.as_slice();
    for length in order.slices {
        let (slice, rest) = rows.split_at(length);
        rows = rest;
        let taken = take_record_batch(&joined, &UInt32Array::from(slice.to_vec()));
        writer.add(&taken.map_err(misfit)?)?;
        for row in slice {
            let (place, origin) = origins[*row as usize];
            if let Some(moved_to) = moves[place].get_mut(origin as usize) {
                *moved_to = written;
            }
            written += 1;
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_all_of_time_once() {
        let cuts = [10, 20, 30];
        let one = spans(&[5, 15, 25], &cuts, 100);
        assert_eq!(
            one,
            [Span {
                from: i64::MIN,
                to: i64::MAX
            }]
        );
        let two = spans(&[5, 5, 5, 20], &cuts, 3);
        assert_eq!(two[0].to + 1, two[1].from);
        assert_eq!((two[0].from, two[1].to), (i64::MIN, i64::MAX));
        assert_eq!(two[0].to, 9);
    }
}
