//! The instances of promises, kept in a folder beside the ledger, so that a question takes work in proportion to what is new.
//!
//! It is derived: it may be deleted at any time. What is damaged, of another definition, or from a ledger that went another way is computed
//! anew, and where it cannot be written a replay answers. Each promise has a folder of its own, with
//! - `manifest`: what is kept, of which position and moment; replaced in one step;
//! - `N-run.parquet`: closed instances, sorted by a hash of what they are about; of one key the newest run's row counts;
//! - `N-held.parquet`: instances that are not closed; `N-events-M.parquet`: all events about them, so that time alone can be told from these.

mod advance;
mod events;
mod folder;
mod manifest;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use amends_expressions::Planner;
use amends_ledger::Snapshot;
use amends_model::{Result, time};
use amends_project::definition::Promise;
use jiff::Timestamp;

use crate::compile::Compiled;
use crate::kept::run::Run;
use crate::kept::{Kept, Standing, Tally, is_damage};
use manifest::Manifest;

/// The folder in which instances of promises are kept.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// What is asked of the store.
pub struct Asked<'a> {
    /// The promise.
    pub promise: &'a Promise,
    /// Plans its expressions.
    pub planner: &'a Planner,
    /// The ledger at one position.
    pub snapshot: &'a Snapshot,
    /// As of when.
    pub as_of: Timestamp,
    /// How far the sources that could keep or excuse it have reported, their lag taken off.
    pub reported: Timestamp,
    /// Whether later questions will be of this moment or a later one: only such answers are kept.
    pub settled: bool,
}

/// What is kept tells of the counts of a promise.
pub(crate) enum Known {
    Tally(Tally),
    /// Nothing: a replay must answer.
    Nothing(Arc<Compiled>),
}

/// One question under way.
struct Work {
    compiled: Arc<Compiled>,
    snapshot: Snapshot,
    as_of: Timestamp,
    reported: Timestamp,
    settled: bool,
    folder: PathBuf,
}

impl Store {
    /// The store of a project with this data folder. Nothing is made until there is something to keep.
    pub fn at(data: &Path) -> Self {
        Self {
            folder: data.join("derived").join("promises"),
        }
    }

    /// The instances of a promise: what is kept, brought forward by what is new since; where that is impossible, a replay.
    ///
    /// # Errors
    /// As [`replay`](crate::replay()).
    pub fn ask(&self, asked: &Asked<'_>) -> Result<Kept> {
        let work = self.work(asked)?;
        match work.standing()? {
            Some(standing) => Ok(work.kept(standing)),
            None => work.replay()?.try_into(),
        }
    }

    /// What is kept tells of the counts of a promise, brought forward as [`Store::ask`] does.
    ///
    /// # Errors
    /// As [`Store::ask`].
    pub(crate) fn known(&self, asked: &Asked<'_>) -> Result<Known> {
        let work = self.work(asked)?;
        Ok(match work.standing()? {
            Some(standing) => Known::Tally(standing.tally),
            None => Known::Nothing(work.compiled),
        })
    }

    fn work(&self, asked: &Asked<'_>) -> Result<Work> {
        let kinds = asked.snapshot.kinds();
        let compiled = Compiled::new(asked.promise, asked.planner, kinds)?;
        Ok(Work {
            compiled: Arc::new(compiled),
            snapshot: asked.snapshot.clone(),
            as_of: asked.as_of,
            reported: asked.reported,
            settled: asked.settled,
            folder: self.folder.join(folder_name(asked.promise)),
        })
    }
}

/// The name of a promise as that of a folder. What a file system may not like is written as its code. A definition that others have followed has a
/// folder of its own for each spell.
fn folder_name(promise: &Promise) -> String {
    let mut name = String::new();
    for character in promise.name.chars() {
        match character {
            'a'..='z' | '0'..='9' | '_' | '-' => name.push(character),
            other => name.push_str(&format!("%{:x}%", u32::from(other))),
        }
    }
    if let Some(until) = promise.spell.until {
        name.push_str(&format!("+{}", time::micros(until)));
    }
    name
}

impl Work {
    /// What is kept, as of the moment asked for; `None` where a replay must answer.
    fn standing(&self) -> Result<Option<Standing>> {
        let sound = |standing: Result<Standing>| match standing {
            Err(problem) if is_damage(&problem) => Ok(None),
            standing => standing.map(Some),
        };
        let (as_of, reported) = self.moments();
        let mut tried = None;
        while let Some(found) = self.found().filter(|found| tried.as_ref() != Some(found)) {
            if found.as_of > as_of || found.reported > reported {
                break;
            }
            if let Some(standing) = sound(self.advance(&found))? {
                return Ok(Some(standing));
            }
            // Another process may have put a newer manifest in its place and swept what it named.
            tried = Some(found);
        }
        if !self.settled {
            return Ok(None);
        }
        match self.rebuild().transpose() {
            Some(standing) => sound(standing),
            None => Ok(None),
        }
    }

    /// The manifest, if the ledger went on from it.
    fn found(&self) -> Option<Manifest> {
        let found = Manifest::read(&self.folder)?;
        let usable = found.fits(&self.compiled) && self.snapshot.continues(&found.point);
        usable.then_some(found)
    }

    /// The moments asked for, in microseconds.
    fn moments(&self) -> (i64, i64) {
        (time::micros(self.as_of), time::micros(self.reported))
    }

    /// What a manifest names.
    fn open(&self, manifest: &Manifest) -> Result<Standing> {
        Ok(Standing {
            closed: self.open_runs(manifest)?,
            held: Run::open(&self.folder, &manifest.held)?,
            tally: manifest.tally.clone(),
        })
    }

    fn open_runs(&self, manifest: &Manifest) -> Result<Vec<Run>> {
        let runs = manifest.runs.iter();
        runs.map(|run| Run::open(&self.folder, run)).collect()
    }

    fn replay(&self) -> Result<crate::Replay> {
        self.compiled
            .replay(&self.snapshot, self.as_of, self.reported)
    }

    fn kept(&self, standing: Standing) -> Kept {
        let (compiled, snapshot) = (Arc::clone(&self.compiled), self.snapshot.clone());
        let (as_of, reported, folder) = (self.as_of, self.reported, self.folder.clone());
        let otherwise = move || {
            Manifest::discard(&folder);
            compiled.replay(&snapshot, as_of, reported)
        };
        Kept::on_disk(&self.compiled.promise, as_of, standing, Box::new(otherwise))
    }
}
