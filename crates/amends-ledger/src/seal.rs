//! Moves the tail into segments: segment in, rows out, in one transaction.

use std::path::PathBuf;
use std::sync::Arc;

use amends_model::Result;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};

use crate::change::Change;
use crate::columns;
use crate::contents::{self, Contents, Mark};
use crate::entry::Entry;
use crate::known::{Entries, KnownPart};
use crate::merge::{self, Group};
use crate::part::{self, Form, NewPart, PartInfo};
use crate::said::{Repeated, Told};
use crate::writer::{Shared, Writer};
use crate::{blocking, once, segment_write, silence, staging, tail, trouble};

/// Batches of the tail of about one size are joined when there are this many of them.
const MANY_BATCHES: usize = 16;
/// The tail is moved as well when its batches have so many bytes: each question reads them all.
const FULL_BYTES: i64 = 16 << 20;

/// Batches of the tail that become one part.
struct Joining {
    ledger: PathBuf,
    part: i64,
    slice: usize,
    into_tail: bool,
    group: Group,
    members: Vec<Member>,
}

/// A batch of the tail.
struct Member {
    info: PartInfo,
    body: Vec<u8>,
    keys: Vec<u8>,
    marks: Vec<Mark>,
}

impl Writer {
    /// Moves the tail into segments, if it has grown enough (or `always`). Returns how many events were moved.
    ///
    /// # Errors
    /// `AM0403` when the database fails; `AM0404` when a file cannot be written; `AM0407` while an import is under way.
    pub async fn seal(&self, always: bool) -> Result<u64> {
        let _claim = self.shared.claim()?;
        let _one = self.shared.turn().await?;
        seal(&self.shared, always).await
    }
}

/// Moves the tail. The caller holds the right to change the catalog.
///
/// # Errors
/// As `Writer::seal`.
pub(crate) async fn seal(shared: &Shared, always: bool) -> Result<u64> {
    let query = "SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT), \
         CAST(COALESCE(SUM(LENGTH(body)), 0) AS BIGINT) FROM tail";
    let (events, bytes): (i64, i64) = sqlx::query_as(query)
        .fetch_one(&shared.catalog.pool)
        .await
        .map_err(trouble::database)?;
    let is_full = events as usize >= shared.sizes.full_tail || bytes >= FULL_BYTES;
    if events == 0 || (!always && !is_full) {
        return Ok(0);
    }
    let contents = contents::read(&shared.catalog).await?;
    let (parts, contents) = tail_of(contents);
    let groups = merge::all(parts.iter().map(|part| &part.info));
    join(shared, parts, contents, groups, false).await?;
    Ok(events as u64)
}

/// Joins small batches of the tail, so that many decisions one by one do not make many batches.
/// The caller holds the right to change the catalog.
///
/// # Errors
/// `AM0403` when the database fails.
pub(crate) async fn gather(shared: &Shared, kind: &str) -> Result<()> {
    let query = "SELECT COUNT(*) FROM tail WHERE kind = $1";
    let batches: i64 = sqlx::query_scalar(query)
        .bind(kind)
        .fetch_one(&shared.catalog.pool)
        .await
        .map_err(trouble::database)?;
    if (batches as usize) < MANY_BATCHES {
        return Ok(());
    }
    let contents = contents::read(&shared.catalog).await?;
    let (mut parts, contents) = tail_of(contents);
    parts.retain(|part| part.info.kind == kind);
    let infos = parts.iter().map(|part| &part.info);
    let groups = merge::due(infos, MANY_BATCHES, shared.sizes.full_tail);
    join(shared, parts, contents, groups, true).await
}

fn tail_of(mut contents: Contents) -> (Vec<NewPart>, Contents) {
    let mut parts = std::mem::take(&mut contents.parts);
    parts.retain(|part| matches!(part.form, Form::Tail { .. }));
    (parts, contents)
}

async fn join(
    shared: &Shared,
    parts: Vec<NewPart>,
    mut contents: Contents,
    groups: Vec<Group>,
    into_tail: bool,
) -> Result<()> {
    let mut parts: Vec<Option<NewPart>> = parts.into_iter().map(Some).collect();
    let mut change = Change::default();
    let mut known = Vec::new();
    for group in groups {
        let members = group
            .members
            .iter()
            .filter_map(|place| parts[*place].take());
        let members = members.filter_map(|NewPart { info, form }| match form {
            Form::Segment(_) => None,
            Form::Tail { body, keys } => Some(Member {
                marks: contents.marks.remove(&info.part).unwrap_or_default(),
                info,
                body,
                keys,
            }),
        });
        let joining = Joining {
            ledger: shared.ledger.clone(),
            part: shared.catalog.next("part").await?,
            slice: shared.sizes.slice,
            into_tail,
            members: members.collect(),
            group,
        };
        let infos = joining.members.iter().map(|member| member.info.clone());
        change.leave.extend(infos);
        let joined = blocking::run(move || write(&joining)).await?;
        let part = joined.part;
        if !joined.marks.is_empty() {
            change.marks.insert(part.info.part, joined.marks);
        }
        change.repeated.extend(joined.repeated);
        known.push((part.info.kind.clone(), Arc::new(joined.known)));
        change.enter.push(part);
    }
    if change.enter.is_empty() {
        return Ok(());
    }
    shared.enter(&change, known).await
}

/// What batches of the tail have become.
struct Joined {
    part: NewPart,
    known: KnownPart,
    marks: Vec<Mark>,
    /// Events of which the part has another already.
    repeated: Vec<Repeated>,
}

fn write(joining: &Joining) -> Result<Joined> {
    let schema = columns::schema(&joining.group.properties)?;
    let mut batches: Vec<RecordBatch> = Vec::with_capacity(joining.members.len());
    let mut entries: Vec<Entry> = Vec::new();
    let mut marks: Vec<Mark> = Vec::new();
    for member in &joining.members {
        let batch = tail::decode(member.info.part, &member.body)?;
        let first = entries.len() as u32;
        let mut here = tail::entries(&member.keys);
        here.sort_unstable_by_key(|entry| entry.row);
        if here.len() != batch.num_rows() {
            let place = format!("batch {} of the tail", member.info.part);
            return Err(trouble::unreadable(place, "its keys do not fit its events"));
        }
        entries.extend(here);
        marks.extend(member.marks.iter().map(|mark| Mark {
            row: mark.row + first,
            ..*mark
        }));
        let fitted = columns::fitted(&batch, &schema);
        batches.push(fitted.map_err(|error| trouble::misfit(error.to_string()))?);
    }
    let batch =
        concat_batches(&schema, &batches).map_err(|error| trouble::misfit(error.to_string()))?;
    let (batch, repeated) = without_repeats(joining, batch, &mut entries, &mut marks)?;
    let arranged = part::arrange(&batch, entries, joining.slice)?;
    for mark in &mut marks {
        let moved_to = arranged.moved_to.get(mark.row as usize);
        mark.row = moved_to.copied().unwrap_or(0);
    }
    let info = part::describe(joining.part, &joining.group.kind, &arranged.batch)?;
    let (form, entries) = if joining.into_tail {
        let form = tail::encode(&arranged.batch, &arranged.entries)?;
        (form, Entries::Held(arranged.entries))
    } else {
        let files = segment_write::write(&joining.ledger, &info, &arranged)?;
        let keys = staging::entries_of(&joining.ledger, &info.kind, info.part);
        (Form::Segment(files), keys)
    };
    let known = KnownPart::new(info.part, entries, &marks);
    Ok(Joined {
        part: NewPart { info, form },
        known,
        marks,
        repeated,
    })
}

/// Leaves out the rows whose ids stand there already. `entries` are those of the rows, in their order; the rows of entries and marks follow.
fn without_repeats(
    joining: &Joining,
    batch: RecordBatch,
    entries: &mut Vec<Entry>,
    marks: &mut Vec<Mark>,
) -> Result<(RecordBatch, Vec<Repeated>)> {
    for (entry, row) in entries.iter_mut().zip(0..) {
        entry.row = row;
    }
    let dropped = once::dropped(&[(entries.clone(), marks.as_slice())]);
    let dropped = dropped.into_iter().next().unwrap_or_default();
    if dropped.is_empty() {
        return Ok((batch, Vec::new()));
    }
    let told = Told::of(&batch)?;
    let gone = entries.iter().filter(|entry| dropped.contains(&entry.row));
    let gone = gone.map(|entry| {
        let row = entry.row as usize;
        (entry, (told.line(row), told.offset(row)))
    });
    let kind = silence::kind_of(&joining.group.kind);
    let repeated = once::repeated(kind, joining.part, gone)?;
    let keep: BooleanArray = (0..batch.num_rows() as u32)
        .map(|row| Some(!dropped.contains(&row)))
        .collect();
    let kept = filter_record_batch(&batch, &keep);
    entries.retain(|entry| !dropped.contains(&entry.row));
    marks.retain(|mark| !dropped.contains(&mark.row));
    for mark in marks.iter_mut() {
        mark.row -= dropped.range(..mark.row).count() as u32;
    }
    let kept = kept.map_err(|error| trouble::misfit(error.to_string()))?;
    Ok((kept, repeated))
}
