//! What a machine holds, written down, so that another may go on from there.

use std::sync::Arc;

use amends_model::{Problem, Result};
use serde::{Deserialize, Serialize};

use crate::machine::{Grade, Held, Machine, Pending};
use crate::seen::Seen;
use crate::terms::Terms;

/// The form in which checkpoints are written. One of another form is refused: a replay gives the same state.
const FORM: u32 = 3;

#[derive(Serialize, Deserialize)]
struct Checkpoint {
    form: u32,
    definition: String,
    now: i64,
    reported: i64,
    held: Vec<(String, Held)>,
    waiting: Vec<(String, Vec<Pending>)>,
    seen: Seen,
}

impl Machine {
    /// What it holds, as bytes.
    ///
    /// # Errors
    /// `AM0704` when it cannot be written.
    pub fn checkpoint(&self) -> Result<Vec<u8>> {
        let sorted = |mut all: Vec<(String, Held)>| {
            all.sort_by(|(one, _), (other, _)| one.cmp(other));
            all
        };
        let held = self.held.iter();
        let waiting = self.waiting.iter();
        let checkpoint = Checkpoint {
            form: FORM,
            definition: self.definition.clone(),
            now: self.now,
            reported: self.reported,
            held: sorted(
                held.map(|(about, held)| (about.to_string(), held.clone()))
                    .collect(),
            ),
            waiting: waiting
                .map(|(about, heard)| (about.clone(), heard.clone()))
                .collect(),
            seen: self.seen.clone(),
        };
        serde_json::to_vec(&checkpoint).map_err(|error| {
            Problem::new("AM0704", "a checkpoint cannot be written").because(error)
        })
    }

    /// A machine that goes on from a checkpoint. It will ask again for the histories that its predecessor was waiting for:
    /// the second part lists them, to be answered by `recall`.
    ///
    /// # Errors
    /// `AM0704` when the checkpoint is damaged, was written by another form of the program or for another definition.
    pub fn restore(
        terms: Terms,
        grade: Arc<dyn Grade>,
        definition: &str,
        checkpoint: &[u8],
    ) -> Result<(Self, Vec<String>)> {
        let unusable = |detail: String| {
            Problem::new("AM0704", "a checkpoint cannot be used")
                .detail(detail)
                .hint("delete it: the state is replayed from the ledger")
        };
        let checkpoint: Checkpoint = serde_json::from_slice(checkpoint)
            .map_err(|error| unusable(format!("it is damaged: {error}")))?;
        if checkpoint.form != FORM {
            return Err(unusable(format!(
                "it has form {}, this program reads form {FORM}",
                checkpoint.form
            )));
        }
        if checkpoint.definition != definition {
            return Err(unusable(
                "it was written for another definition of the promise".into(),
            ));
        }
        let mut machine = Machine::new(terms, grade, definition);
        machine.now = checkpoint.now;
        machine.reported = checkpoint.reported;
        machine.seen = checkpoint.seen;
        machine.resume(checkpoint.held);
        machine.waiting = checkpoint.waiting.into_iter().collect();
        let mut asked: Vec<String> = machine.waiting.keys().cloned().collect();
        asked.sort_unstable();
        Ok((machine, asked))
    }
}
