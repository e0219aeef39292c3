//! The ways in which the events of a test are run: each must tell the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amends_model::event::column;
use amends_model::{Result, time};
use jiff::Timestamp;

use crate::compile::Compiled;
use crate::counted::NEVER;
use crate::events::{Columns, Events, InMemory};
use crate::fact::{Fact, Role, arrange};
use crate::fold::fold;
use crate::instance::{Instance, moment};
use crate::machine::{Change, Machine, Observed};

/// How many orders of arrival are tried.
pub(super) const SHUFFLES: u64 = 4;

/// Until when a test runs, and how far the sources have reported then.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) as_of: Timestamp,
    pub(super) reported: Timestamp,
}

/// Instances by what they are about.
pub(super) type Instances = BTreeMap<String, Instance>;

/// The facts of one test, in order of time.
pub(super) struct Run<'a> {
    compiled: &'a Compiled,
    events: &'a InMemory,
    facts: Vec<Observed>,
}

impl<'a> Run<'a> {
    pub(super) fn new(compiled: &'a Compiled, events: &'a InMemory) -> Result<Self> {
        let mut names = Vec::new();
        let batches = || {
            events
                .kinds()
                .keys()
                .flat_map(|kind| events.batches(kind).iter().map(move |batch| (kind, batch)))
        };
        for (_, batch) in batches() {
            names.extend(Columns::texts(batch, column::SOURCE)?.iter().flatten());
        }
        names.sort_unstable();
        names.dedup();
        let rank = |name: &str| names.binary_search(&name).unwrap_or_default() as u32;
        let mut facts = Vec::new();
        for (kind, batch) in batches() {
            facts.extend(compiled.observed(kind, batch, &rank)?);
        }
        for (kind, batch) in batches() {
            for fact in compiled.reaching(kind, batch, &rank)? {
                facts.extend(reached(&facts, fact));
            }
        }
        facts.sort_by_key(|observed| observed.fact);
        Ok(Self {
            compiled,
            events,
            facts,
        })
    }

    /// The latest deadline of a promise of which the test tells, or the moment given if that is later.
    pub(super) fn last_deadline(&self, at_least: Timestamp) -> Result<Timestamp> {
        let mut by_about: BTreeMap<&str, Vec<Fact>> = BTreeMap::new();
        for observed in &self.facts {
            by_about
                .entry(&observed.about)
                .or_default()
                .push(observed.fact);
        }
        let at_least = time::micros(at_least);
        let deadlines = by_about.into_values().filter_map(|mut facts| {
            arrange(&mut facts);
            let standing = fold(
                &self.compiled.terms,
                &facts,
                at_least,
                at_least,
                &mut Vec::new(),
            )?;
            // What nothing ends is never due.
            (standing.due_at != NEVER).then_some(standing.due_at)
        });
        moment(deadlines.chain([at_least]).max().unwrap_or(at_least))
    }

    /// Event after event as they happened.
    pub(super) fn straight(&self, ends: Ends) -> Result<Instances> {
        let mut listener = Listener::new(self.compiled, ends);
        for (observed, clock) in self.facts.iter().zip(self.clock()) {
            listener.hear(observed, clock)?;
        }
        listener.end()
    }

    /// The same, but in the middle the machine is written down, thrown away and restored.
    pub(super) fn restored(&self, ends: Ends) -> Result<Instances> {
        let mut listener = Listener::new(self.compiled, ends);
        for (number, (observed, clock)) in self.facts.iter().zip(self.clock()).enumerate() {
            if number == self.facts.len() / 2 {
                listener.restart()?;
            }
            listener.hear(observed, clock)?;
        }
        listener.end()
    }

    /// The same events in another order, while the clock goes on as it did.
    pub(super) fn shuffled(&self, ends: Ends, seed: u64) -> Result<Instances> {
        let mut order: Vec<&Observed> = self.facts.iter().collect();
        let mut state = seed;
        for last in (1..order.len()).rev() {
            order.swap(last, (next(&mut state) % (last as u64 + 1)) as usize);
        }
        let mut listener = Listener::new(self.compiled, ends);
        for (observed, clock) in order.into_iter().zip(self.clock()) {
            listener.hear(observed, clock)?;
        }
        listener.end()
    }

    /// All at once, as a replay of the ledger does.
    pub(super) fn replayed(&self, ends: Ends) -> Result<Instances> {
        let replay = self
            .compiled
            .replay(self.events, ends.as_of, ends.reported)?;
        Ok(replay
            .instances()
            .map(|instance| (instance.about.clone(), instance))
            .collect())
    }

    fn clock(&self) -> impl Iterator<Item = i64> + '_ {
        self.facts.iter().map(|observed| observed.fact.at)
    }
}

/// A fact that reaches a place, for everything that ever stands there: whether it stood there then is a matter of folding.
fn reached(facts: &[Observed], fact: Fact) -> Vec<Observed> {
    let stands = |observed: &&Observed| {
        observed.fact.role == Role::Opens && observed.fact.place() == fact.place()
    };
    let abouts: BTreeSet<&String> = facts.iter().filter(stands).map(|one| &one.about).collect();
    let heard = |about: &&String| Observed {
        about: String::clone(about),
        fact,
        opening: None,
    };
    abouts.iter().map(heard).collect()
}

/// The next number of a sequence that looks random and is the same everywhere (splitmix64).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A machine, and the table that its changes keep.
struct Listener<'a> {
    compiled: &'a Compiled,
    ends: Ends,
    machine: Machine,
    heard: Vec<&'a Observed>,
    closed: Instances,
}

impl<'a> Listener<'a> {
    fn new(compiled: &'a Compiled, ends: Ends) -> Self {
        let grade = Arc::new(compiled.serious.clone());
        let machine = Machine::new(compiled.terms.clone(), grade, &compiled.promise.version);
        Self {
            compiled,
            ends,
            machine,
            heard: Vec::new(),
            closed: Instances::new(),
        }
    }

    fn hear(&mut self, observed: &'a Observed, clock: i64) -> Result<()> {
        let now = clock.min(time::micros(self.ends.as_of));
        let reported = now.min(time::micros(self.ends.reported));
        let changes = self.machine.tick(now, reported)?;
        self.apply(changes)?;
        self.heard.push(observed);
        let changes = self.machine.observe(observed.clone())?;
        self.apply(changes)
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<()> {
        for change in changes {
            match change {
                Change::Stands(instance) => {
                    self.closed.remove(&instance.about);
                }
                Change::Closed(instance) => {
                    self.closed.insert(instance.about.clone(), instance);
                }
                Change::Gone(about) => {
                    self.closed.remove(&about);
                }
                Change::Recall(about) => {
                    let history = self.heard.iter().filter(|heard| heard.about == about);
                    let history: Vec<_> = history
                        .map(|heard| (heard.fact, heard.opening.clone()))
                        .collect();
                    let changes = self.machine.recall(&about, history)?;
                    self.apply(changes)?;
                }
            }
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<()> {
        let checkpoint = self.machine.checkpoint()?;
        let terms = self.compiled.terms.clone();
        let grade = Arc::new(self.compiled.serious.clone());
        (self.machine, _) =
            Machine::restore(terms, grade, &self.compiled.promise.version, &checkpoint)?;
        Ok(())
    }

    fn end(mut self) -> Result<Instances> {
        let changes = self.machine.tick(
            time::micros(self.ends.as_of),
            time::micros(self.ends.reported),
        )?;
        self.apply(changes)?;
        let held = self.machine.instances()?;
        self.closed.extend(
            held.into_iter()
                .map(|instance| (instance.about.clone(), instance)),
        );
        Ok(self.closed)
    }
}
