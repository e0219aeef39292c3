//! What one import says of people, on its way into the database.
//!
//! Names and fields wait in memory, a [`Portion`] at a time, and go into the tables in the order of their keys while the next portion gathers. Fingerprints and
//! keys of records are hashes: row after row as they come, each would change another page of an index, and every page is read, logged and written back.
//!
//! Nothing that an import says of people counts before the ledger holds it, so nothing is lost with what still waits: [`Incoming::settle`] comes before the
//! ledger's commit. A marker in the database stands from before the first name until after that commit; a marker that a crash left behind is settled by
//! whoever writes next, who asks the ledger which way it went.

mod fields;
mod names;
mod portion;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use amends_model::{Problem, RecordKey, Result};
use tokio::task::JoinHandle;

use self::portion::{Place, Portion, SOMEBODY_ELSE};
use crate::{Vault, failed};

/// Bytes of the first portion that is written; each is twice as large as the one before.
const FIRST: usize = 2 << 20;
const BEGIN: &str = include_str!("../../sql/begin_import.sql");

/// What one import says of people. One import is under way at a time: whoever writes the ledger sees to that.
pub struct Incoming {
    vault: Vault,
    import: i64,
    /// Bytes of names and fields that wait, at most.
    most: usize,
    /// Records of erased people, whose fields are not kept again.
    withheld: HashSet<RecordKey>,
    /// Whether no import before can have said anything of its records.
    is_first: bool,
    state: Mutex<State>,
    /// The portion that is being written.
    putting: tokio::sync::Mutex<Putting>,
    /// Held while names are minted, so that a name that comes twice at once is minted once.
    minting: tokio::sync::Mutex<()>,
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
    /// What was written before: the first bytes of its records, portion by portion, sorted.
    written: Vec<Vec<u32>>,
}

#[derive(Default)]
struct Putting {
    running: Option<Running>,
    /// The number of the last identifier that may be in the database.
    last: i64,
    /// Nothing is written any more.
    ended: bool,
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

    /// The same; so many bytes wait in memory, about, while as many are written.
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
        let erased: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM erased")
            .fetch_one(&mut *work)
            .await
            .map_err(failed)?;
        let withheld = self.withheld(&mut work).await?;
        work.commit().await.map_err(failed)?;
        self.seen().begin_after(before, erased);
        Ok(Arc::new(Incoming {
            vault: self.clone(),
            import,
            most: waiting,
            withheld,
            is_first: source_is_new,
            state: Mutex::new(State {
                waiting: Portion::default(),
                going: Arc::default(),
                last: before,
                enough: waiting.min(FIRST),
                written: Vec::new(),
            }),
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
    /// Sees to it that everything is in the database and on the disk. Nothing more comes.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0316` when somebody else minted meanwhile.
    pub async fn settle(&self) -> Result<()> {
        self.put().await?;
        let mut putting = self.putting.lock().await;
        putting.ended = true;
        ended(&mut putting).await?;
        putting.settled = true;
        Ok(())
    }

    /// The import came to nothing: whom it minted, what it sealed and what it set aside go, as if it had never begun.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn forget(&self) -> Result<()> {
        let mut putting = self.putting.lock().await;
        putting.ended = true;
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

    /// Begins to write what waits, where that is enough.
    async fn make_room(&self) -> Result<()> {
        let full = {
            let state = self.state();
            state.waiting.bytes() >= state.enough
        };
        match full {
            true => self.put().await,
            false => Ok(()),
        }
    }

    /// Begins to write what waits, once what was begun before is written.
    async fn put(&self) -> Result<()> {
        let mut putting = self.putting.lock().await;
        ended(&mut putting).await?;
        if putting.ended {
            return Ok(());
        }
        let (portion, place) = {
            let mut state = self.state();
            state.going = Arc::new(std::mem::take(&mut state.waiting));
            state.enough = (2 * state.enough).min(self.most);
            let place = Place {
                import: self.import,
                last: state.last,
                again: state.going.records_among(&state.written),
            };
            let records = state.going.first_bytes();
            state.written.push(records);
            (Arc::clone(&state.going), place)
        };
        if portion.is_empty() {
            return Ok(());
        }
        let vault = self.vault.clone();
        putting.running = Some(Running {
            last: place.last,
            work: tokio::spawn(async move { portion.put(&vault, place).await }),
        });
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of it is made whole before anything can fail.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Waits for what is being written.
async fn ended(putting: &mut Putting) -> Result<()> {
    let Some(running) = putting.running.take() else {
        return Ok(());
    };
    let done = running.work.await;
    let is_refused = matches!(&done, Ok(Err(problem)) if problem.code() == SOMEBODY_ELSE);
    if !is_refused {
        putting.last = running.last;
    }
    match done {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(
            Problem::new("AM0303", "what an import says of people was not written").because(error),
        ),
    }
}
