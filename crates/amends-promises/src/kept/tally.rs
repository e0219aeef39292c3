//! How many instances stand in each state, and what opened nothing: brought forward with the rows that it counts.

use std::collections::BTreeMap;

use amends_model::{Result, State};
use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::run::{damaged, left_out, states};
use crate::replay::LeftOut;

/// How many instances stand in each state, and what opened nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// How many stand in each state; those in which none stands may be there.
    pub states: BTreeMap<State, u64>,
    /// What would have opened an instance and did not.
    pub left_out: LeftOut,
}

impl Tally {
    /// How many instances there are: the exposure of the promise (rule 8).
    pub fn exposed(&self) -> u64 {
        self.states.values().sum()
    }

    /// How many of them are let-downs.
    pub fn let_down(&self) -> u64 {
        let let_downs = self.states.iter().filter(|(state, _)| state.is_let_down());
        let_downs.map(|(_, count)| count).sum()
    }

    /// Counts the rows of a batch of a run.
    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        for state in states(batch).into_iter().flatten() {
            *self.states.entry(state).or_default() += 1;
        }
        for of_one in left_out(batch) {
            self.left_out += of_one;
        }
    }

    /// Counts what another definition says of other instances. Events about nothing are the same for both.
    pub(crate) fn join(&mut self, other: &Self) {
        for (state, count) in &other.states {
            *self.states.entry(*state).or_default() += count;
        }
        self.left_out += LeftOut {
            without_about: 0,
            ..other.left_out
        };
    }

    /// Takes away something that stands otherwise now.
    ///
    /// # Errors
    /// `AM0709` when it cannot have been counted.
    pub(crate) fn subtract(&mut self, state: Option<State>, of_one: LeftOut) -> Result<()> {
        if let Some(state) = state {
            let count = self.states.entry(state).or_default();
            *count = less(*count, 1)?;
        }
        let all = &mut self.left_out;
        all.without_deadline = less(all.without_deadline, of_one.without_deadline)?;
        all.again = less(all.again, of_one.again)?;
        Ok(())
    }
}

fn less(count: u64, one: u64) -> Result<u64> {
    let less = count.checked_sub(one);
    less.ok_or_else(|| damaged("its counts do not fit its rows"))
}
