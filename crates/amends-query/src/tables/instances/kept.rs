//! The instances of each promise, replayed when they are first asked for and kept from then on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use amends_expressions::Planner;
use amends_ledger::Snapshot;
use amends_model::{Problem, Result};
use amends_project::Project;
use amends_promises::{Replay, reported};
use arrow::array::RecordBatch;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::rows;

/// Where the instances of a promise come from.
pub trait Replays: Send + Sync {
    /// The instances of a promise at the session's `as_of`.
    ///
    /// # Errors
    /// Whatever keeps it from being replayed.
    fn replay(&self, promise: &str) -> Result<Replay>;
}

/// Replays over a snapshot of the ledger.
pub struct FromLedger {
    pub(crate) project: Arc<Project>,
    pub(crate) snapshot: Snapshot,
    pub(crate) planner: Planner,
    pub(crate) as_of: Timestamp,
}

impl Replays for FromLedger {
    fn replay(&self, name: &str) -> Result<Replay> {
        let promise = self.project.promises.get(name);
        let promise = promise.ok_or_else(|| no_such(name))?;
        let reported = reported(&self.project, &self.snapshot, promise, self.as_of);
        amends_promises::replay(
            promise,
            &self.project.calendars,
            &self.planner,
            &self.snapshot,
            self.as_of,
            reported,
        )
    }
}

fn no_such(name: &str) -> Problem {
    Problem::new("AM0805", "there is no such promise").detail(format!("{name:?}"))
}

/// The instances of each promise of a project.
pub struct Instances {
    replays: Arc<dyn Replays>,
    kept: BTreeMap<String, OnceCell<RecordBatch>>,
}

impl fmt::Debug for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instances of {} promises", self.kept.len())
    }
}

impl Instances {
    /// Those of a project's promises, none of them replayed yet.
    pub fn new(project: &Project, replays: Arc<dyn Replays>) -> Self {
        let names = project.promises.keys();
        Self {
            kept: names.map(|name| (name.clone(), OnceCell::new())).collect(),
            replays,
        }
    }

    /// The promises.
    pub fn promises(&self) -> impl Iterator<Item = &str> {
        self.kept.keys().map(String::as_str)
    }

    /// The instances of a promise in [`super::schema`].
    ///
    /// # Errors
    /// `AM0805` when there is no such promise; whatever keeps it from being replayed.
    pub async fn of(&self, name: &str) -> Result<RecordBatch> {
        let cell = self.kept.get(name).ok_or_else(|| no_such(name))?;
        let kept = cell
            .get_or_try_init(|| async {
                let (replays, wanted) = (Arc::clone(&self.replays), name.to_owned());
                let replay = tokio::task::spawn_blocking(move || replays.replay(&wanted))
                    .await
                    .map_err(|error| {
                        Problem::new("AM0804", format!("the replay of {name:?} was cut off"))
                            .because(error)
                    })??;
                rows::batch(&replay)
            })
            .await?;
        Ok(kept.clone())
    }
}
