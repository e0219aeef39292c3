//! Moves the tail into segments: segment in, rows out, in one transaction.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use amends_model::Result;
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use crate::change::Change;
use crate::columns::{self, Properties};
use crate::contents::{self, Contents, Mark};
use crate::entry::Entry;
use crate::known::KnownPart;
use crate::part::{self, Form, NewPart, PartInfo};
use crate::writer::{Shared, Writer};
use crate::{blocking, segment_write, staging, tail, trouble};

/// The tail is moved when it has this many events.
const FULL: u64 = 50_000;

/// Parts of one kind whose properties agree, to become one segment.
struct Group {
    ledger: PathBuf,
    part: i64,
    kind: String,
    properties: Properties,
    members: Vec<Member>,
}

/// A batch of the tail on its way into a segment.
struct Member {
    info: PartInfo,
    body: Vec<u8>,
    keys: Vec<u8>,
    marks: Vec<Mark>,
}

/// What a group became.
struct Sealed {
    part: NewPart,
    known: Arc<KnownPart>,
    marks: Vec<Mark>,
    leave: Vec<PartInfo>,
}

impl Writer {
    /// Moves the tail into segments, if it has grown enough (or `always`). Returns how many events were moved.
    ///
    /// # Errors
    /// `AM0403` when the database fails; `AM0404` when a file cannot be written; `AM0407` while an import is under way.
    pub async fn seal(&self, always: bool) -> Result<u64> {
        let _claim = self.shared.claim()?;
        let _one = self.shared.changing.lock().await;
        seal(&self.shared, always).await
    }
}

/// Moves the tail. The caller holds the right to change the catalog.
///
/// # Errors
/// As `Writer::seal`.
pub(crate) async fn seal(shared: &Shared, always: bool) -> Result<u64> {
    let query = "SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT) FROM tail";
    let events: i64 = sqlx::query_scalar(query)
        .fetch_one(&shared.catalog.pool)
        .await
        .map_err(trouble::database)?;
    if events == 0 || (!always && (events as u64) < FULL) {
        return Ok(0);
    }
    let contents = contents::read(&shared.catalog).await?;
    let mut change = Change::default();
    let mut known = Vec::new();
    for mut group in groups(contents, shared) {
        group.part = shared.catalog.next("part").await?;
        let sealed = blocking::run(move || write(&group)).await?;
        if !sealed.marks.is_empty() {
            change.marks.insert(sealed.part.info.part, sealed.marks);
        }
        known.push((sealed.part.info.kind.clone(), sealed.known));
        change.enter.push(sealed.part);
        change.leave.extend(sealed.leave);
    }
    shared.enter(&change, known).await?;
    Ok(events as u64)
}

fn groups(mut contents: Contents, shared: &Shared) -> Vec<Group> {
    let mut groups: BTreeMap<String, Vec<Group>> = BTreeMap::new();
    for NewPart { info, form } in contents.parts {
        let Form::Tail { body, keys } = form else {
            continue;
        };
        let kind = groups.entry(info.kind.clone()).or_default();
        let fits = |group: &Group| columns::agree(&group.properties, &info.properties);
        let place = match kind.iter().position(fits) {
            Some(place) => place,
            None => {
                kind.push(Group {
                    ledger: shared.ledger.clone(),
                    part: 0,
                    kind: info.kind.clone(),
                    properties: Properties::new(),
                    members: Vec::new(),
                });
                kind.len() - 1
            }
        };
        let group = &mut kind[place];
        columns::unite(&mut group.properties, &info.properties);
        group.members.push(Member {
            marks: contents.marks.remove(&info.part).unwrap_or_default(),
            info,
            body,
            keys,
        });
    }
    groups.into_values().flatten().collect()
}

fn write(group: &Group) -> Result<Sealed> {
    let schema = columns::schema(&group.properties)?;
    let mut batches: Vec<RecordBatch> = Vec::with_capacity(group.members.len());
    let mut entries: Vec<Entry> = Vec::new();
    let mut marks: Vec<Mark> = Vec::new();
    for member in &group.members {
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
    let arranged = part::arrange(&batch, entries)?;
    for mark in &mut marks {
        mark.row = arranged
            .moved_to
            .get(mark.row as usize)
            .copied()
            .unwrap_or(0);
    }
    let info = part::describe(group.part, &group.kind, &arranged.batch)?;
    let files = segment_write::write(&group.ledger, &info, &arranged)?;
    let known = KnownPart {
        part: group.part,
        entries: staging::open_keys(&group.ledger, &group.kind, group.part)?,
    };
    Ok(Sealed {
        part: NewPart {
            info,
            form: Form::Segment(files),
        },
        known: Arc::new(known),
        marks,
        leave: group
            .members
            .iter()
            .map(|member| member.info.clone())
            .collect(),
    })
}

impl Writer {
    /// Merges small segments of a kind into larger ones. Returns how many segments went.
    ///
    /// # Errors
    /// `AM0404` when a file cannot be written.
    pub async fn compact(&self) -> Result<u64> {
        let _claim = self.shared.claim()?;
        Ok(0)
    }
}
