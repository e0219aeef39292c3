//! Which records some imports told of and others did not: for a source each of whose exports holds all that there is.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use amends_model::{Problem, RecordKey, Result};
use arrow::array::RecordBatch;
use rayon::prelude::*;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::contents::{self, Contents};
use crate::known::{Entries, KnownPart, earlier};
use crate::part::Form;
use crate::said::{self, Repeated};
use crate::{ImportRecord, Ledger, blocking, staging, tail, trouble};

/// What earlier imports told of and later ones did not.
#[derive(Debug, Default)]
pub struct Untold {
    /// The current events of those records.
    pub events: Vec<RecordBatch>,
    /// The keys of all that the later imports told of, ascending.
    later: Vec<u128>,
}

impl Untold {
    /// Whether the later imports told of the record with this key.
    pub fn later_told(&self, key: RecordKey) -> bool {
        let key = u128::from_be_bytes(key.0);
        self.later.binary_search(&key).is_ok()
    }
}

impl Ledger {
    /// Compares what two groups of imports told, stored or said again. Sixteen bytes for every record of either.
    ///
    /// # Errors
    /// `AM0403` when the database fails; `AM0406` when a part cannot be read.
    pub async fn untold(&self, earlier: &BTreeSet<i64>, later: &BTreeSet<i64>) -> Result<Untold> {
        let imports = self.imports().await?;
        let (before, after) = (firsts(&imports, earlier), firsts(&imports, later));
        if before.is_subset(&after) {
            return Ok(Untold::default());
        }
        // While the snapshot lives, no file that the catalog names now is removed.
        // All versions are looked up by their own ids.
        let snapshot = self.snapshot_with_replaced().await?;
        let task = Comparing {
            ledger: self.folder().to_owned(),
            contents: contents::read(self.catalog()).await?,
            before: self.voice(before).await?,
            after: self.voice(after).await?,
        };
        let (ids, later) = blocking::run(move || task.run()).await?;
        let events = match ids.is_empty() {
            true => Vec::new(),
            false => snapshot.events(&ids)?,
        };
        Ok(Untold { events, later })
    }

    /// Which imports replayed rows that others had set aside: of which import, and by which.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn replays(&self) -> Result<Vec<(i64, i64)>> {
        let rows = sqlx::query(include_str!("../sql/replays.sql"))
            .fetch_all(&self.catalog().pool)
            .await
            .map_err(trouble::database)?;
        let read = |row: &AnyRow| Ok::<_, sqlx::Error>((row.try_get(0)?, row.try_get(1)?));
        rows.iter()
            .map(|row| read(row).map_err(trouble::database))
            .collect()
    }

    async fn voice(&self, imports: BTreeSet<i64>) -> Result<Voice> {
        let mut again = Vec::new();
        for import in &imports {
            let query = "SELECT import, kind, part, sayings, body FROM repeated WHERE import = $1";
            let rows = sqlx::query(query)
                .bind(import)
                .fetch_all(&self.catalog().pool)
                .await
                .map_err(trouble::database)?;
            for row in &rows {
                let sayings = said::unpack(&repeated(row).map_err(trouble::database)?)?;
                again.extend(sayings.into_iter().map(|saying| saying.hash));
            }
        }
        again.sort_unstable();
        again.dedup();
        Ok(Voice { imports, again })
    }
}

/// The imports that said first what these said.
fn firsts(imports: &[ImportRecord], of: &BTreeSet<i64>) -> BTreeSet<i64> {
    let of = imports.iter().filter(|record| of.contains(&record.import));
    of.map(|record| record.same_as.unwrap_or(record.import))
        .collect()
}

fn repeated(row: &AnyRow) -> Result<Repeated, sqlx::Error> {
    Ok(Repeated {
        import: row.try_get(0)?,
        kind: row.try_get(1)?,
        part: row.try_get(2)?,
        sayings: row.try_get::<i64, _>(3)? as u64,
        body: row.try_get(4)?,
    })
}

/// What some imports said.
struct Voice {
    imports: BTreeSet<i64>,
    /// Hashes of what was known when they said it, ascending.
    again: Vec<u64>,
}

struct Comparing {
    ledger: PathBuf,
    contents: Contents,
    before: Voice,
    after: Voice,
}

/// Keys of what the one group told, and of what the other did.
type Told = (Vec<u128>, Vec<u128>);

impl Comparing {
    /// The ids of all versions of what was left out, and the keys of what the later imports told.
    fn run(&self) -> Result<(Vec<amends_model::EventId>, Vec<u128>)> {
        let parts: Vec<Arc<KnownPart>> = self.parts();
        let told: Vec<Told> = parts
            .par_iter()
            .map(|part| self.told(part))
            .collect::<Result<_>>()?;
        let (mut before, mut after) = Told::default();
        for (of_before, of_after) in told {
            before.extend(of_before);
            after.extend(of_after);
        }
        for keys in [&mut before, &mut after] {
            keys.par_sort_unstable();
            keys.dedup();
        }
        before.retain(|key| after.binary_search(key).is_err());
        let known = earlier(&parts, &before);
        let known = known.map_err(|(part, error)| damaged(part, error))?;
        let known = known.iter().filter(|known| !known.withdrawn);
        let ids = known.map(|known| known.entry.id()).collect();
        Ok((ids, after))
    }

    fn parts(&self) -> Vec<Arc<KnownPart>> {
        let parts = self.contents.parts.iter().map(|part| {
            let entries = match &part.form {
                Form::Segment(_) => {
                    staging::entries_of(&self.ledger, &part.info.kind, part.info.part)
                }
                Form::Tail { keys, .. } => Entries::Held(tail::entries(keys)),
            };
            let marks = self.contents.marks.get(&part.info.part);
            let marks = marks.map_or(&[][..], Vec::as_slice);
            Arc::new(KnownPart::new(part.info.part, entries, marks))
        });
        parts.collect()
    }

    fn told(&self, part: &KnownPart) -> Result<Told> {
        let entries = part.between(&(0..=u64::MAX));
        let entries = entries.map_err(|error| damaged(part.part, error))?;
        let (mut before, mut after) = Told::default();
        for entry in entries {
            let import = said::import(entry.sequence);
            let hash = said::hash(entry.key, entry.content);
            let of = |voice: &Voice| {
                voice.imports.contains(&import) || voice.again.binary_search(&hash).is_ok()
            };
            if of(&self.before) {
                before.push(entry.key);
            }
            if of(&self.after) {
                after.push(entry.key);
            }
        }
        Ok((before, after))
    }
}

fn damaged(part: i64, error: std::io::Error) -> Problem {
    trouble::unreadable(format!("the keys of part {part}"), error)
}
