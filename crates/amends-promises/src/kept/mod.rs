//! The instances of one promise at one moment, wherever they stand: closed ones on disk, what is still open beside them.
//!
//! They are kept in runs, each sorted by a hash of what the instances are about; of several rows of a key the newest run's counts.

mod checked;
mod merge;
pub(crate) mod run;
mod tally;

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use amends_model::{IdentifierId, Problem, Result, State};
use amends_project::definition::{Promise, Spell};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;

use crate::in_force::{Count, PartCount};
use crate::instance::Instance;
use crate::replay::{LeftOut, Replay, Thing, columns, rows};

pub(crate) use merge::Merge;
use run::{Batches, Run, damaged, key, keys, states};
pub use tally::Tally;

/// Instances one after the other, or why they cannot be read.
pub type Instances = Box<dyn Iterator<Item = Result<Instance>> + Send>;

/// How the instances of one promise stand.
#[derive(Clone)]
pub struct Kept {
    /// The promise.
    pub promise: String,
    /// Its version.
    pub version: String,
    /// The touchpoint at which it is felt.
    pub touchpoint: Option<String>,
    /// The names of its attributes, in the order of the values in an instance.
    pub attributes: Vec<String>,
    /// As of when.
    pub as_of: Timestamp,
    columns: SchemaRef,
    tally: Tally,
    /// What each definition says that was in force, the first one first; never none.
    parts: Vec<Part>,
}

/// What one definition says.
#[derive(Clone)]
pub struct Part {
    /// Its version.
    pub version: String,
    /// When what it judges opened.
    pub spell: Spell,
    standing: Standing,
    /// Says the same where what is on disk turns out to be damaged.
    otherwise: Option<Arc<Otherwise>>,
}

/// Where instances stand, and how many there are.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// What is closed, the oldest run first.
    pub(crate) closed: Vec<Run>,
    /// All that is not closed, newer than these.
    pub(crate) held: Run,
    pub(crate) tally: Tally,
}

/// A replay that is made when it is needed, and once.
struct Otherwise {
    replay: Box<dyn Fn() -> Result<Replay> + Send + Sync>,
    made: OnceLock<Standing>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} instances of {}", self.len(), self.promise)
    }
}

/// The instances of a replay, in memory; `AM0705` when they do not fit their columns.
impl TryFrom<Replay> for Kept {
    type Error = Problem;

    fn try_from(replay: Replay) -> Result<Self> {
        let standing = Standing::of(&replay)?;
        Ok(Self {
            promise: replay.promise,
            version: replay.version.clone(),
            touchpoint: replay.touchpoint,
            attributes: replay.attributes,
            as_of: replay.as_of,
            columns: replay.columns,
            tally: standing.tally.clone(),
            parts: vec![Part {
                version: replay.version,
                spell: replay.spell,
                standing,
                otherwise: None,
            }],
        })
    }
}

impl Standing {
    fn of(replay: &Replay) -> Result<Self> {
        let keyed = replay.batches.iter().map(|batch| {
            let things = rows::abouts(batch).iter().map(|about| Thing {
                key: key(about.unwrap_or_default()),
                // Counted for the promise as a whole.
                left_out: LeftOut::default(),
            });
            run::keyed(&things.collect::<Vec<_>>(), batch)
        });
        Ok(Self {
            closed: Vec::new(),
            held: Run::Memory(keyed.collect::<Result<_>>()?),
            tally: Tally {
                states: replay.counts(),
                left_out: replay.left_out,
            },
        })
    }

    /// All runs, the oldest first.
    fn runs(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.closed.iter().chain([&self.held])
    }

    /// The instances of promises made to some identifiers, in no order.
    fn made_to(&self, people: &HashSet<[u8; 16]>) -> Result<Vec<RecordBatch>> {
        let mut all = Vec::new();
        for (place, run) in self.runs().enumerate() {
            for batch in run.of(people)? {
                let theirs: HashSet<u128> = keys(&batch).into_iter().collect();
                let mut newer = HashSet::new();
                for run in self.runs().skip(place + 1) {
                    newer.extend(run.find(&theirs, Some(&[run::KEY]))?.iter().flat_map(keys));
                }
                let still = keys(&batch)
                    .into_iter()
                    .map(|key| Some(!newer.contains(&key)));
                let still: BooleanArray = still.collect();
                all.push(plain(
                    &filter_record_batch(&batch, &still).map_err(damaged)?,
                )?);
            }
        }
        Ok(all)
    }

    /// The instances that are not closed, or all of them, in order of their keys, without these.
    fn batches(&self, closed: bool, columns: Option<&[&str]>) -> Result<Batches> {
        let runs = || {
            self.runs()
                .filter(|run| closed || std::ptr::eq(*run, &self.held))
        };
        runs().try_for_each(Run::check)?;
        let runs = runs().map(|run| run.batches(columns));
        let merged = Merge::new(runs.collect::<Result<_>>()?)?;
        Ok(Box::new(merged.map(|batch| plain(&batch?))))
    }
}

impl Kept {
    /// Instances on disk; `otherwise` is asked where they cannot be read.
    pub(crate) fn on_disk(
        promise: &Promise,
        as_of: Timestamp,
        standing: Standing,
        otherwise: Box<dyn Fn() -> Result<Replay> + Send + Sync>,
    ) -> Self {
        let made = OnceLock::new();
        Self {
            promise: promise.name.clone(),
            version: promise.version.clone(),
            touchpoint: promise.touchpoint.clone(),
            attributes: promise.attributes.clone(),
            as_of,
            columns: columns::schema(&promise.attributes),
            tally: standing.tally.clone(),
            parts: vec![Part {
                version: promise.version.clone(),
                spell: promise.spell,
                standing,
                otherwise: Some(Arc::new(Otherwise {
                    replay: otherwise,
                    made,
                })),
            }],
        }
    }

    /// The same, with what definitions say that were in force before, the first one first. Each judges what opened in its own spell.
    pub(crate) fn after(mut self, earlier: Vec<Self>) -> Self {
        for before in earlier.into_iter().rev() {
            self.tally.join(&before.tally);
            self.parts.splice(0..0, before.parts);
        }
        self
    }

    /// How many instances there are: the exposure of the promise (rule 8).
    pub fn len(&self) -> u64 {
        self.tally.states.values().sum()
    }

    /// Whether the promise was never made.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many instances stand in each state; every state is there.
    pub fn counts(&self) -> &BTreeMap<State, u64> {
        &self.tally.states
    }

    /// What each definition says that was in force, the first one first.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The same counts as they are told where no instances are wanted.
    pub fn count(&self) -> Count {
        let parts = self.parts.iter().map(|part| PartCount {
            version: part.version.clone(),
            spell: part.spell,
            tally: part.standing.tally.clone(),
        });
        Count {
            all: self.tally.clone(),
            parts: parts.collect(),
        }
    }

    /// The columns in which instances are kept: those of `Replay::schema` without promise, version and touchpoint, the state as its place in `State::ALL`.
    pub fn columns(&self) -> &SchemaRef {
        &self.columns
    }

    /// All instances as columns, batch by batch: by definition, and then in order of a hash of what they are about. Of the columns those that are named
    /// and `state`, or all.
    ///
    /// # Errors
    /// `AM0709` when the disk fails while they are read; what is damaged before that is replayed.
    pub fn batches(&self, names: Option<&[&str]>) -> Result<Batches> {
        let mut wanted: Vec<&str> = vec![run::KEY, "state"];
        wanted.extend(names.into_iter().flatten());
        let wanted = names.map(|_| wanted.as_slice());
        self.all(true, wanted)
    }

    /// All instances, always in the same order: by definition, and then by a hash of what they are about.
    ///
    /// # Errors
    /// As [`Kept::batches`], also later.
    pub fn instances(&self) -> Result<Instances> {
        self.in_states(|_| true)
    }

    /// The instances that are let-downs, in the same order.
    ///
    /// # Errors
    /// As [`Kept::batches`], also later.
    pub fn let_downs(&self) -> Result<Instances> {
        self.in_states(State::is_let_down)
    }

    /// The instances in some states, in the same order. Where no closed ones are wanted, these are not read.
    ///
    /// # Errors
    /// As [`Kept::batches`], also later.
    pub fn in_states(&self, wanted: impl Fn(State) -> bool + Send + 'static) -> Result<Instances> {
        let closed = State::ALL.into_iter().filter(|state| state.is_closed());
        let closed = closed.into_iter().any(&wanted);
        let batches = self.all(closed, None)?;
        Ok(Box::new(batches.flat_map(move |batch| {
            let (instances, problem) = match batch {
                Ok(batch) => (chosen(&batch, &wanted), None),
                Err(problem) => (Vec::new(), Some(Err(problem))),
            };
            instances.into_iter().map(Ok).chain(problem)
        })))
    }

    /// The instances about something: one, or one by each definition that judges it. Little is read.
    ///
    /// # Errors
    /// Whatever keeps the promise from being replayed.
    pub fn find(&self, about: &str) -> Result<Vec<Instance>> {
        let wanted = HashSet::from([key(about)]);
        let mut all = Vec::new();
        for part in &self.parts {
            let found = part.sound(|standing| {
                for run in standing.runs().rev() {
                    let found = run.find(&wanted, None)?;
                    if let Some(batch) = found.first().filter(|batch| batch.num_rows() > 0) {
                        return plain(batch).map(Some);
                    }
                }
                Ok(None)
            })?;
            let found = found.filter(|batch| batch.num_rows() > 0);
            all.extend(found.map(|batch| rows::instance(&batch, 0)));
        }
        Ok(all)
    }

    /// The instances of promises made to these identifiers, as columns, in no order. Little is read.
    ///
    /// # Errors
    /// Whatever keeps the promise from being replayed.
    pub fn of(&self, identifiers: &[IdentifierId]) -> Result<Vec<RecordBatch>> {
        let people: HashSet<[u8; 16]> = identifiers.iter().map(|id| id.0).collect();
        let mut all = Vec::new();
        for part in &self.parts {
            all.extend(part.sound(|standing| standing.made_to(&people))?);
        }
        Ok(all)
    }

    fn all(&self, closed: bool, names: Option<&[&str]>) -> Result<Batches> {
        let parts = self.parts.iter();
        let parts = parts.map(|part| part.sound(|standing| standing.batches(closed, names)));
        let parts: Vec<Batches> = parts.collect::<Result<_>>()?;
        Ok(Box::new(parts.into_iter().flatten()))
    }

    /// One hash of all instances, whatever their order: equal to that of a replay.
    ///
    /// # Errors
    /// As [`Kept::batches`].
    pub fn hash(&self) -> Result<u128> {
        let mut all: u128 = 0;
        for batch in self.batches(None)? {
            all = rows::hashes(&batch?).fold(all, u128::wrapping_add);
        }
        Ok(all)
    }
}

impl Part {
    /// Reads what is kept, or, where it is damaged, what a replay says.
    fn sound<T>(&self, read: impl Fn(&Standing) -> Result<T>) -> Result<T> {
        let problem = match (read(&self.standing), &self.otherwise) {
            (Err(problem), Some(_)) if is_damage(&problem) => problem,
            (read, _) => return read,
        };
        let Some(otherwise) = &self.otherwise else {
            return Err(problem);
        };
        if let Some(standing) = otherwise.made.get() {
            return read(standing);
        }
        let standing = Standing::of(&(otherwise.replay)()?)?;
        read(otherwise.made.get_or_init(|| standing))
    }
}

/// Whether a problem lies in what is kept on disk.
pub(crate) fn is_damage(problem: &Problem) -> bool {
    problem.code() == "AM0709"
}

/// The instances of a batch of a run, without their keys.
fn plain(batch: &RecordBatch) -> Result<RecordBatch> {
    let is_instance = states(batch).into_iter();
    let is_instance: BooleanArray = is_instance.map(|state| Some(state.is_some())).collect();
    let mut batch = match is_instance.true_count() == batch.num_rows() {
        true => batch.clone(),
        false => filter_record_batch(batch, &is_instance).map_err(damaged)?,
    };
    while run::BEFORE.contains(&batch.schema().field(0).name().as_str()) {
        batch.remove_column(0);
    }
    Ok(batch)
}

fn chosen(batch: &RecordBatch, wanted: impl Fn(State) -> bool) -> Vec<Instance> {
    let states = rows::states(batch).enumerate();
    let chosen = states.filter(|(_, state)| wanted(*state));
    chosen.map(|(row, _)| rows::instance(batch, row)).collect()
}
