//! Named against complained.

use std::collections::HashMap;

use amends_stats::median::{Median, median};
use amends_stats::wilson::{Share, share};

use super::Behind;
use super::heard::Heard;
use super::named::Named;

pub(crate) const CONFIDENCE: f64 = 0.95;
const DAY_US: f64 = 86_400.0 * 1_000_000.0;

/// How well some promises name those who complain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Units looked at.
    pub heard: u64,
    /// Units named before anything was said about them.
    pub named: u64,
    /// Units that were complained of.
    pub complained: u64,
    /// Both.
    pub hit: u64,
    /// hit / complained; `None` where nobody complained.
    pub named_first: Option<Share>,
    /// hit / named; `None` where nothing was named.
    pub precision: Option<Share>,
    /// For how long hits could have been known before the first was said, in days of 24 hours.
    pub lead_days: Option<Median>,
}

impl Scored {
    /// Counts over the units that are looked at: named by any of the promises.
    pub(super) fn of(heard: &Heard, looked_at: &[bool], named: &[&Named]) -> Self {
        let first = together(named);
        let mut scored = Tally::default();
        let numbers = looked_at.iter().enumerate();
        for (number, _) in numbers.filter(|(_, looked_at)| **looked_at) {
            scored.add(heard, number, first.get(&number).copied());
        }
        scored.told()
    }
}

/// Counts under way.
#[derive(Default)]
pub(super) struct Tally {
    heard: u64,
    named: u64,
    complained: u64,
    hit: u64,
    leads: Vec<f64>,
}

impl Tally {
    pub(super) fn add(&mut self, heard: &Heard, number: usize, let_down: Option<i64>) {
        let known = heard.known(number);
        let named_at = named_before(let_down, known.said_at);
        self.heard += 1;
        self.complained += u64::from(known.complained);
        let Some(named_at) = named_at else { return };
        self.named += 1;
        if known.complained {
            self.hit += 1;
            let lead = known.said_at.map(|said| (said - named_at) as f64 / DAY_US);
            self.leads.extend(lead);
        }
    }

    fn told(self) -> Scored {
        Scored {
            heard: self.heard,
            named: self.named,
            complained: self.complained,
            hit: self.hit,
            named_first: share(self.hit, self.complained, CONFIDENCE),
            precision: share(self.hit, self.named, CONFIDENCE),
            lead_days: median(&self.leads, CONFIDENCE),
        }
    }
}

/// A let-down names whom it harmed only if it could be known before the first that was said.
pub(super) fn named_before(let_down: Option<i64>, said_at: Option<i64>) -> Option<i64> {
    let_down.filter(|at| said_at.is_none_or(|said| *at < said))
}

/// By unit, when the first let-down by any of some promises could have been known.
pub(super) fn together(named: &[&Named]) -> HashMap<usize, i64> {
    let mut first: HashMap<usize, i64> = HashMap::new();
    for (unit, at) in named.iter().flat_map(|one| &one.known) {
        let known = first.entry(*unit).or_insert(*at);
        *known = (*at).min(*known);
    }
    first
}

/// Everything that was named or complained of, in order of what it is.
pub(super) fn behind(heard: &Heard, looked_at: &[bool], named: &[&Named]) -> Vec<Behind> {
    let first = together(named);
    let numbers = looked_at.iter().enumerate();
    let numbers = numbers.filter(|(_, looked_at)| **looked_at);
    let each = numbers.map(|(number, _)| {
        let known = heard.known(number);
        Behind {
            about: heard.unit(number).clone(),
            customer: known.customer,
            named_at: named_before(first.get(&number).copied(), known.said_at),
            said_at: known.said_at,
            complained: known.complained,
        }
    });
    let mut all: Vec<Behind> = each
        .filter(|one| one.complained || one.named_at.is_some())
        .collect();
    all.sort_by(|a, b| a.about.cmp(&b.about));
    all
}
