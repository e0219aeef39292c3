//! What one import says of people, on its way into the database.
//!
//! Names and fields wait in memory, a [`Portion`] at a time, and go into the tables in the order in which they come while the next portion gathers. What finds
//! them there is brought up to date now and then ([`crate::finding`]): until then the names and their keys, and which records have fields, are in memory.
//!
//! Nothing that an import says of people counts before the ledger holds it, so nothing is lost with what still waits: [`Incoming::settle`] comes before the
//! ledger's commit. A marker in the database stands from before the first name until after that commit; a marker that a crash left behind is settled by
//! whoever writes next, who asks the ledger which way it went.

mod fields;
mod names;
mod portion;
mod unfound;
mod written;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use amends_model::{Problem, RecordKey, Result};
use tokio::task::JoinHandle;

use self::portion::{Place, Portion, SOMEBODY_ELSE};
use self::unfound::{Before, Records};
use crate::ending::forget_said;
use crate::{Vault, counters, failed};

/// Bytes of the first portion that is written; each is twice as large as the one before.
const FIRST: usize = 2 << 20;
/// For every so many bytes that may wait, one name or record may be written and not be found: some 1.7 million, which with their keys take 230 MB.
const BYTES_OF_UNFOUND: usize = 10;
/// So many times as much may wait while what finds names and fields is brought up to date.
const MEANWHILE: usize = 4;
const BEGIN: &str = include_str!("../../sql/begin_import.sql");
/// Another number whenever something that was minted is gone or erased.
const CHANGED: &str = "SELECT (SELECT COUNT(*) FROM erased) + COALESCE((SELECT value FROM counters WHERE name = 'changed'), 0)";

/// What one import says of people. One import is under way at a time: whoever writes the ledger sees to that.
pub struct Incoming {
    vault: Vault,
    import: i64,
    /// Bytes of names and fields that wait, at most.
    most: usize,
    /// Names and records that are in memory because nothing finds them yet, about, at most.
    most_unfound: usize,
    /// Records of erased people, whose fields are not kept again.
    withheld: HashSet<RecordKey>,
    /// Whether no import before can have said anything of its records.
    is_first: bool,
    state: Arc<Mutex<State>>,
    /// The portion that is being written.
    putting: tokio::sync::Mutex<Putting>,
    /// Held while names are minted, so that a name that comes twice at once is minted once. What it holds says whether nothing more may come.
    minting: tokio::sync::Mutex<bool>,
}

/// What is in memory.
struct State {
    waiting: Portion,
    /// What is being written, or has just been: a name in it may not be in the database yet.
    going: Arc<Portion>,
    /// The number of the identifier that was minted last.
    last: i64,
    /// Bytes that are enough to be written: few at first, so that the database has something to do soon.
    enough: usize,
    /// The place of the fields that were written last.
    last_fields: i64,
    /// Records of which fields were written.
    records: Records,
    /// Whether what finds names and fields is being brought up to date.
    catches_up: bool,
}

#[derive(Default)]
struct Putting {
    running: Option<Running>,
    /// The number of the last identifier that may be in the database.
    last: i64,
    /// All is written.
    settled: bool,
}

/// A portion that is being written, and the number of its last identifier.
struct Running {
    last: i64,
    work: JoinHandle<Result<()>>,
}

impl Vault {
    /// Begins an import: what it says from now on does not count yet. Of records of which no import before can have said anything, since its source is
    /// new, nothing needs to be looked up.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn begin(&self, import: i64, source_is_new: bool) -> Result<Arc<Incoming>> {
        self.begin_with(import, source_is_new, portion::BYTES).await
    }

    /// The same; so many bytes wait in memory, about, while as many are written, and a tenth as many names may be written and not be found yet.
    ///
    /// # Errors
    /// As [`Vault::begin`].
    pub async fn begin_with(
        &self,
        import: i64,
        source_is_new: bool,
        waiting: usize,
    ) -> Result<Arc<Incoming>> {
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        let before: i64 = sqlx::query_scalar(BEGIN)
            .bind(import)
            .fetch_one(&mut *work)
            .await
            .map_err(failed)?;
        // A backup may hold what this import said when it was made the first time.
        forget_said(&mut work, import).await?;
        let changed: i64 = sqlx::query_scalar(CHANGED)
            .fetch_one(&mut *work)
            .await
            .map_err(failed)?;
        let last_fields = counters::last(&mut work, counters::FIELDS).await?;
        let withheld = self.withheld(&mut work).await?;
        work.commit().await.map_err(failed)?;
        self.seen().begin_after(before, changed);
        Ok(Arc::new(Incoming {
            vault: self.clone(),
            import,
            most: waiting,
            most_unfound: waiting / BYTES_OF_UNFOUND,
            withheld,
            is_first: source_is_new,
            state: Arc::new(Mutex::new(State {
                waiting: Portion::default(),
                going: Arc::default(),
                last: before,
                enough: waiting.min(FIRST),
                last_fields,
                records: Records::default(),
                catches_up: false,
            })),
            putting: tokio::sync::Mutex::new(Putting {
                last: before,
                ..Putting::default()
            }),
            minting: tokio::sync::Mutex::default(),
        }))
    }

    /// The imports that were begun and neither kept nor forgotten.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn under_way(&self) -> Result<Vec<i64>> {
        sqlx::query_scalar("SELECT import FROM under_way ORDER BY import")
            .fetch_all(&self.inner.pool)
            .await
            .map_err(failed)
    }
}

impl Incoming {
    /// Sees to it that everything is in the database and on the disk. Nothing more may come.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0316` when somebody else minted meanwhile.
    pub async fn settle(&self) -> Result<()> {
        *self.minting.lock().await = true;
        self.put(0).await?;
        let mut putting = self.putting.lock().await;
        ended(&mut putting).await?;
        self.vault.catch_up().await?;
        putting.settled = true;
        Ok(())
    }

    /// The import came to nothing: whom it minted, what it sealed and what it set aside go, as if it had never begun. Nothing more may come, and whoever
    /// seals for it has ended.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn forget(&self) -> Result<()> {
        // Minting that was broken off may still be about to end.
        *self.minting.lock().await = true;
        let mut putting = self.putting.lock().await;
        let _what_is_written_goes = ended(&mut putting).await;
        self.vault.forget_up_to(self.import, putting.last).await
    }

    /// Waits until nothing is being written.
    async fn written(&self) -> Result<()> {
        let mut putting = self.putting.lock().await;
        ended(&mut putting).await?;
        self.state().going = Arc::default();
        Ok(())
    }

    /// Begins to write what waits, where that is enough, or where too much is in memory because nothing finds it yet.
    async fn make_room(&self) -> Result<()> {
        let enough = {
            let state = self.state();
            let enough = match state.catches_up {
                // That takes seconds, and whoever goes on meanwhile does not wait for it.
                true => MEANWHILE * self.most,
                false => state.enough,
            };
            let is_enough = state.waiting.bytes() >= enough;
            let is_full = !state.catches_up && self.is_full(&state);
            (is_enough || is_full).then_some(enough)
        };
        match enough {
            Some(enough) => self.put(enough).await,
            None => Ok(()),
        }
    }

    /// Begins to write what waits, if it has so many bytes once what was begun before is written. Where too much is not found, all is.
    async fn put(&self, least: usize) -> Result<()> {
        let mut putting = self.putting.lock().await;
        ended(&mut putting).await?;
        let (portion, place, catches_up) = {
            let mut state = self.state();
            let catches_up = self.is_full(&state);
            let is_enough = !state.waiting.is_empty() && state.waiting.bytes() >= least;
            if !is_enough && !catches_up {
                return Ok(());
            }
            state.catches_up = catches_up;
            state.enough = (2 * state.enough).min(self.most);
            let (portion, place) = state.go(self.import);
            (portion, place, catches_up)
        };
        let (vault, state) = (self.vault.clone(), Arc::clone(&self.state));
        putting.running = Some(Running {
            last: place.last,
            work: tokio::spawn(async move {
                portion.put(&vault, &place).await?;
                if catches_up {
                    vault.catch_up().await?;
                    locked(&state).is_found();
                    vault.seen().turn();
                }
                Ok(())
            }),
        });
        Ok(())
    }

    /// Whether too much is in memory because nothing finds it yet.
    fn is_full(&self, state: &State) -> bool {
        let most = self.most_unfound;
        state.records.unfound() > most || self.vault.seen().is_full(most)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Every change of it is made whole before anything can fail.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// What waits goes; and where to.
    fn go(&mut self, import: i64) -> (Arc<Portion>, Place) {
        self.going = Arc::new(std::mem::take(&mut self.waiting));
        let before_fields = self.last_fields;
        let (mut replaced, mut again) = (Vec::new(), Vec::new());
        for record in self.going.records() {
            self.last_fields += 1;
            match self.records.put(*record, self.last_fields) {
                Before::Never => {}
                Before::At(place) => replaced.push(place),
                Before::Perhaps => again.push(*record),
            }
        }
        let place = Place {
            import,
            last: self.last,
            before_fields,
            replaced,
            again,
        };
        (Arc::clone(&self.going), place)
    }

    /// Everything that was written is found.
    fn is_found(&mut self) {
        self.records.are_found();
        self.catches_up = false;
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.putting.get_mut().settled {
            // Names that never got into the database are nobody's.
            self.vault.seen().forget();
        }
    }
}

/// Waits for what is being written. Whoever waits no longer leaves it to the next one who does.
async fn ended(putting: &mut Putting) -> Result<()> {
    let Some(running) = putting.running.as_mut() else {
        return Ok(());
    };
    let done = (&mut running.work).await;
    let last = running.last;
    putting.running = None;
    let is_refused = matches!(&done, Ok(Err(problem)) if problem.code() == SOMEBODY_ELSE);
    if !is_refused {
        putting.last = last;
    }
    match done {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(
            Problem::new("AM0303", "what an import says of people was not written").because(error),
        ),
    }
}

/// `AM0303`: somebody goes on with an import that was settled or forgotten.
fn over() -> Problem {
    Problem::new("AM0303", "an import that is over says something of people")
        .hint("this is a mistake of amends: run the command again, and report it")
}
