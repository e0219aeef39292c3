//! The instances of each promise, asked for when they are first wanted and from then on at hand.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use amends_expressions::Planner;
use amends_ledger::Snapshot;
use amends_model::{Problem, Result};
use amends_project::Project;
use amends_promises::{InForce, Kept, Store};
use jiff::Timestamp;
use tokio::sync::OnceCell;

/// Where the instances of a promise come from.
pub trait Replays: Send + Sync {
    /// The instances of a promise at the session's `as_of`.
    ///
    /// # Errors
    /// Whatever keeps it from being replayed.
    fn replay(&self, promise: &str) -> Result<Kept>;

    /// The same, folded anew and described by more attributes than the promise names; `None` where that is not possible.
    ///
    /// # Errors
    /// As [`Replays::replay`].
    fn replay_by(&self, _promise: &str, _more: &[String]) -> Result<Option<Kept>> {
        Ok(None)
    }
}

/// What is kept of a snapshot of the ledger, or replays over it.
pub struct FromLedger {
    pub(crate) project: Arc<Project>,
    pub(crate) snapshot: Snapshot,
    pub(crate) planner: Planner,
    pub(crate) as_of: Timestamp,
    pub(crate) store: Store,
    pub(crate) settled: bool,
}

impl Replays for FromLedger {
    fn replay(&self, name: &str) -> Result<Kept> {
        let promise = self.project.promises.get(name);
        let promise = promise.ok_or_else(|| no_such(name))?;
        let in_force = InForce {
            project: &self.project,
            planner: &self.planner,
            snapshot: &self.snapshot,
            as_of: self.as_of,
            settled: self.settled,
        };
        in_force.ask(promise, &self.store)
    }

    fn replay_by(&self, name: &str, more: &[String]) -> Result<Option<Kept>> {
        let mut project = (*self.project).clone();
        let promise = project.promises.get(name).ok_or_else(|| no_such(name))?;
        let mut wider = promise.clone();
        let new = more.iter().filter(|one| !promise.attributes.contains(one));
        wider.attributes.extend(new.cloned());
        let wider = promise.told_as(&wider);
        let earlier = project.earlier.get_mut(name).into_iter().flatten();
        earlier.for_each(|one| *one = one.told_as(&wider));
        let in_force = InForce {
            project: &project,
            planner: &self.planner,
            snapshot: &self.snapshot,
            as_of: self.as_of,
            settled: false,
        };
        in_force.replay(&wider).map(Some)
    }
}

fn no_such(name: &str) -> Problem {
    Problem::new("AM0805", "there is no such promise").detail(format!("{name:?}"))
}

/// The instances of each promise of a project.
pub struct Instances {
    replays: Arc<dyn Replays>,
    kept: BTreeMap<String, OnceCell<Arc<Kept>>>,
}

impl fmt::Debug for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instances of {} promises", self.kept.len())
    }
}

impl Instances {
    /// Those of a project's promises, none of them asked for yet.
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

    /// The instances of a promise.
    ///
    /// # Errors
    /// `AM0805` when there is no such promise; whatever keeps it from being replayed.
    pub async fn of(&self, name: &str) -> Result<Arc<Kept>> {
        let cell = self.kept.get(name).ok_or_else(|| no_such(name))?;
        let kept = cell
            .get_or_try_init(|| async {
                let (replays, wanted) = (Arc::clone(&self.replays), name.to_owned());
                let kept = tokio::task::spawn_blocking(move || replays.replay(&wanted))
                    .await
                    .map_err(|error| {
                        Problem::new("AM0804", format!("the replay of {name:?} was cut off"))
                            .because(error)
                    })??;
                Ok::<_, Problem>(Arc::new(kept))
            })
            .await?;
        Ok(Arc::clone(kept))
    }

    /// The instances of a promise, described by more attributes than it names: folded anew, and not kept. `None` where that is not possible.
    ///
    /// # Errors
    /// As [`Instances::of`].
    pub async fn described_by(&self, name: &str, more: &[String]) -> Result<Option<Kept>> {
        let (replays, wanted, more) = (Arc::clone(&self.replays), name.to_owned(), more.to_vec());
        let replayed = tokio::task::spawn_blocking(move || replays.replay_by(&wanted, &more)).await;
        replayed.map_err(|error| {
            Problem::new("AM0804", format!("the replay of {name:?} was cut off")).because(error)
        })?
    }
}
