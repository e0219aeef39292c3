//! `letdowns.csv`: every let-down that the exports prove at the horizon, one row each.

use std::collections::BTreeMap;
use std::path::Path;

use amends_model::Result;
use serde::Serialize;

use crate::Settings;
use crate::civil::utc;
use crate::promise::{Promise, Standing, State};
use crate::sheet::{Sheet, cells};

const HEADER: &str = "promise,about,customer_id,state,could_have_known,late_by_seconds,serious";

/// How the instances of one promise stand at the horizon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PromiseCounts {
    /// Its name.
    pub promise: String,
    /// How often it was made.
    pub exposed: u64,
    /// How many customers were let down by it, once each per instance: late, overdue or broken.
    pub let_down: u64,
    /// The instances by state.
    pub states: BTreeMap<String, u64>,
}

/// The file, and the counts of everything that did not become a let-down too.
pub(super) struct LetDowns {
    sheet: Sheet,
    counts: [[u64; State::ALL.len()]; Promise::ALL.len()],
}

impl LetDowns {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "letdowns.csv", HEADER)?,
            counts: Default::default(),
        })
    }

    pub(super) fn note(
        &mut self,
        promise: Promise,
        about: &str,
        customer: &str,
        standing: Standing,
    ) -> Result<()> {
        self.counts[promise as usize][standing.state as usize] += 1;
        let Some(let_down) = standing.let_down else {
            return Ok(());
        };
        let row = cells(
            ',',
            &[
                promise.name(),
                about,
                customer,
                standing.state.word(),
                &utc(let_down.could_have_known),
                &let_down
                    .late_by
                    .map(|by| by.to_string())
                    .unwrap_or_default(),
                &let_down.serious.to_string(),
            ],
        );
        self.sheet.once(&row)
    }

    pub(super) fn finish(self, settings: &Settings) -> Result<Vec<PromiseCounts>> {
        self.sheet.finish()?;
        let of = |promise: &Promise| {
            let counts = self.counts[*promise as usize];
            let at = |state: State| counts[state as usize];
            PromiseCounts {
                promise: promise.name().to_owned(),
                exposed: counts.iter().sum(),
                let_down: at(State::Late) + at(State::Overdue) + at(State::Broken),
                states: State::ALL
                    .map(|state| (state.word().to_owned(), at(state)))
                    .into(),
            }
        };
        Ok(Promise::of(settings).iter().map(of).collect())
    }
}
