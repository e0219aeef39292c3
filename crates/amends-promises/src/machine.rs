//! The live form of the state machine: facts and ticks go in, changes come out; only what is still open is held.
//!
//! Whatever the order in which facts arrive, how often they come and when the clock ticks, what it says at last equals `fold` of the set.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use amends_model::{EventId, Problem, Result, State};
use serde::{Deserialize, Serialize};

use crate::fact::{Fact, Role, arrange};
use crate::fold::{Standing, fold};
use crate::instance::{Instance, Opening};
use crate::seen::Seen;
use crate::terms::Terms;

/// One fact about one thing, as the machine hears of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// What it is about.
    pub about: String,
    /// What happened.
    pub fact: Fact,
    /// What an opening fact opens; without it an opening fact opens nothing.
    pub opening: Option<Opening>,
}

/// What changed. Applying changes to a table of instances by `about` keeps that table true.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// An instance stands so from now on; the machine holds it, also where it is closed and will be opened again. While it is overdue, how late it is grows without further word.
    Stands(Instance),
    /// An instance is closed, and the machine has let go of it.
    Closed(Instance),
    /// There is no instance about this, though there may have been one.
    Gone(String),
    /// The machine needs all current facts about this, and waits for `recall`.
    Recall(String),
}

/// Judges how serious let-downs are.
pub trait Grade: Send + Sync {
    /// How serious each is as it stands: 1 to 3.
    ///
    /// # Errors
    /// `AM0701` when the definition's expression fails.
    fn grade(&self, let_downs: &[(&Instance, &Opening)]) -> Result<Vec<u8>>;
}

/// The state machine of one promise. Memory grows with open instances; of closed ones a filter of some bytes each remains.
pub struct Machine {
    terms: Terms,
    grade: Arc<dyn Grade>,
    pub(crate) definition: String,
    pub(crate) now: i64,
    pub(crate) reported: i64,
    pub(crate) held: HashMap<Arc<str>, Held>,
    pub(crate) waiting: HashMap<String, Vec<Pending>>,
    /// Who must be folded anew when the time comes, and when.
    by_now: BTreeSet<(i64, Arc<str>)>,
    /// Who must be folded anew when the sources have reported so far.
    by_reported: BTreeSet<(i64, Arc<str>)>,
    /// Whose lateness grows.
    overdue: BTreeSet<Arc<str>>,
    pub(crate) seen: Seen,
}

/// All current facts about one thing that is open.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Held {
    facts: Vec<Fact>,
    openings: Vec<(EventId, Opening)>,
    wakes: [Option<i64>; 2],
    overdue: bool,
    /// The hash of what was last said about it.
    said: Option<[u8; 16]>,
}

/// What was heard about something while its history is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Pending {
    Observed(Fact, Option<Opening>),
    Withdrawn(EventId),
}

impl Machine {
    /// A machine that has heard nothing. `definition` names the terms, so that a checkpoint of others is refused.
    pub fn new(terms: Terms, grade: Arc<dyn Grade>, definition: impl Into<String>) -> Self {
        Self {
            terms,
            grade,
            definition: definition.into(),
            now: i64::MIN,
            reported: i64::MIN,
            held: HashMap::new(),
            waiting: HashMap::new(),
            by_now: BTreeSet::new(),
            by_reported: BTreeSet::new(),
            overdue: BTreeSet::new(),
            seen: Seen::new(),
        }
    }

    /// Hears of a fact, in whatever order and however often. What lies later than now is held until its time comes.
    ///
    /// # Errors
    /// `AM0701` when seriousness cannot be judged; `AM0002` when a moment cannot be told.
    pub fn observe(&mut self, observed: Observed) -> Result<Vec<Change>> {
        let Observed {
            about,
            fact,
            opening,
        } = observed;
        if let Some(pending) = self.waiting.get_mut(&about) {
            pending.push(Pending::Observed(fact, opening));
            return Ok(Vec::new());
        }
        if let Some(held) = self.held.get_mut(about.as_str()) {
            return match held.add(fact, opening) {
                true => self.settle([Arc::from(about)].into()),
                false => Ok(Vec::new()),
            };
        }
        if self.seen.contains(&about) {
            let pending = vec![Pending::Observed(fact, opening)];
            self.waiting.insert(about.clone(), pending);
            return Ok(vec![Change::Recall(about)]);
        }
        if fact.role != Role::Opens {
            // Nothing is open yet. Should it be opened, its history will be asked for.
            self.seen.insert(&about);
            return Ok(Vec::new());
        }
        let mut held = Held::default();
        held.add(fact, opening);
        let about: Arc<str> = about.into();
        self.held.insert(about.clone(), held);
        self.settle([about].into())
    }

    /// Hears that an event about something does not count any more: superseded, or its import undone (rule 3).
    ///
    /// # Errors
    /// As `observe`.
    pub fn withdraw(&mut self, about: &str, id: EventId) -> Result<Vec<Change>> {
        if let Some(pending) = self.waiting.get_mut(about) {
            pending.push(Pending::Withdrawn(id));
        } else if let Some(held) = self.held.get_mut(about) {
            held.remove(id);
            return self.settle([Arc::from(about)].into());
        } else if self.seen.contains(about) {
            let pending = vec![Pending::Withdrawn(id)];
            self.waiting.insert(about.to_owned(), pending);
            return Ok(vec![Change::Recall(about.to_owned())]);
        }
        Ok(Vec::new())
    }

    /// Answers a `Change::Recall`: all current facts about something. What was heard of it since is added.
    ///
    /// # Errors
    /// As `observe`.
    pub fn recall(
        &mut self,
        about: &str,
        history: impl IntoIterator<Item = (Fact, Option<Opening>)>,
    ) -> Result<Vec<Change>> {
        let mut held = self.held.remove(about).unwrap_or_default();
        // What was said of it was forgotten with it: whatever is true now is news.
        held.said = Some([0; 16]);
        for (fact, opening) in history {
            held.add(fact, opening);
        }
        for pending in self.waiting.remove(about).unwrap_or_default() {
            match pending {
                Pending::Observed(fact, opening) => {
                    held.add(fact, opening);
                }
                Pending::Withdrawn(id) => held.remove(id),
            }
        }
        let about: Arc<str> = about.into();
        self.held.insert(about.clone(), held);
        self.settle([about].into())
    }

    /// Hears how late it is, and how far every source that could decide the promise has reported. Neither goes back:
    /// after an undo that takes a report back, start from a replay.
    ///
    /// # Errors
    /// `AM0702` when one goes back; else as `observe`.
    pub fn tick(&mut self, now: i64, reported: i64) -> Result<Vec<Change>> {
        if now < self.now || reported < self.reported {
            return Err(
                Problem::new("AM0702", "time went back under a running promise")
                    .detail(format!(
                        "from {} to {now}, reported from {} to {reported} (microseconds)",
                        self.now, self.reported
                    ))
                    .hint("start from a replay of the ledger"),
            );
        }
        (self.now, self.reported) = (now, reported);
        let mut waking = self.overdue.clone();
        for (agenda, until) in [(&self.by_now, now), (&self.by_reported, reported)] {
            let due = agenda.iter().take_while(|(at, _)| *at <= until);
            waking.extend(due.map(|(_, about)| about.clone()));
        }
        self.settle(waking)
    }

    /// Every instance that is held, as it stands now, in order of what they are about.
    ///
    /// # Errors
    /// As `observe`.
    pub fn instances(&self) -> Result<Vec<Instance>> {
        let abouts: BTreeSet<_> = self.held.keys().cloned().collect();
        let folded = self.folded(abouts)?;
        Ok(folded
            .into_iter()
            .filter_map(|(_, folded)| Some(folded?.0))
            .collect())
    }

    /// How many things are held: as many as have an open instance, or will have one later than now.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Puts what a checkpoint held on the agenda.
    pub(crate) fn resume(&mut self, held: Vec<(String, Held)>) {
        for (about, held) in held {
            let about: Arc<str> = about.into();
            self.wake(&about, [None, None], held.wakes);
            if held.overdue {
                self.overdue.insert(about.clone());
            }
            self.held.insert(about, held);
        }
    }

    /// Folds what is held about these things, and tells what changed.
    fn settle(&mut self, abouts: BTreeSet<Arc<str>>) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for (about, folded) in self.folded(abouts)? {
            changes.extend(self.say(about, folded));
        }
        Ok(changes)
    }

    fn folded(&self, abouts: BTreeSet<Arc<str>>) -> Result<Vec<(Arc<str>, Option<Folded>)>> {
        let mut all = Vec::with_capacity(abouts.len());
        for about in abouts {
            let folded = match self.held.get(&about) {
                Some(held) => held.fold(&about, &self.terms, self.now, self.reported)?,
                None => None,
            };
            all.push((about, folded));
        }
        let let_downs = |folded: &&mut Folded| folded.0.state.is_let_down();
        let openings: Vec<_> = all
            .iter()
            .filter_map(|(about, folded)| {
                let (instance, standing) = folded.as_ref()?;
                let opening = self.held.get(about)?.opening(standing)?;
                instance.state.is_let_down().then_some((instance, opening))
            })
            .collect();
        if openings.is_empty() {
            return Ok(all);
        }
        let grades = self.grade.grade(&openings)?;
        let folded = all.iter_mut().filter_map(|(_, folded)| folded.as_mut());
        for (folded, serious) in folded.filter(let_downs).zip(grades) {
            folded.0.serious = serious;
        }
        Ok(all)
    }

    /// Tells what is new about something, and holds it on or lets it go.
    fn say(&mut self, about: Arc<str>, folded: Option<Folded>) -> Option<Change> {
        let before = self.held.get(&about)?.wakes;
        let Some((instance, standing)) = folded else {
            let held = self.held.get_mut(&about)?;
            let had_been_said = held.said.take().is_some();
            if held.opens_after(self.now, &self.terms)
                || held.begins(self.now, &self.terms).is_some()
            {
                self.schedule(&about, None);
                return had_been_said.then(|| Change::Gone(about.to_string()));
            }
            self.let_go(&about, before);
            return Some(Change::Gone(about.to_string()));
        };
        let opens_again = self.terms.reopens()
            && instance.state == State::Kept
            && self
                .held
                .get(&about)
                .is_some_and(|held| held.opens_after(self.now, &self.terms));
        if instance.state.is_closed() && !opens_again {
            self.let_go(&about, before);
            return Some(Change::Closed(instance));
        }
        self.schedule(&about, Some(&standing));
        // Lateness that only grows is no news.
        let still = Instance {
            late_by: None,
            ..instance
        };
        let said = Some(still.hash().to_be_bytes());
        let held = self.held.get_mut(&about)?;
        if held.said == said {
            return None;
        }
        held.said = said;
        let late_by = standing.late_by.map(jiff::SignedDuration::from_micros);
        Some(Change::Stands(Instance { late_by, ..still }))
    }

    fn let_go(&mut self, about: &Arc<str>, wakes: [Option<i64>; 2]) {
        self.wake(about, wakes, [None, None]);
        self.overdue.remove(about);
        self.held.remove(about);
        self.seen.insert(about);
    }

    /// Notes when something must be folded anew.
    fn schedule(&mut self, about: &Arc<str>, standing: Option<&Standing>) {
        let Some(held) = self.held.get_mut(about) else {
            return;
        };
        let mut wakes = held.next(standing, self.now, self.reported);
        if standing.is_none() {
            let begins = held.begins(self.now, &self.terms);
            wakes[0] = wakes[0].into_iter().chain(begins).min();
        }
        let before = std::mem::replace(&mut held.wakes, wakes);
        held.overdue = standing.is_some_and(|standing| standing.state == State::Overdue);
        if held.overdue {
            self.overdue.insert(about.clone());
        } else {
            self.overdue.remove(about);
        }
        self.wake(about, before, wakes);
    }

    fn wake(&mut self, about: &Arc<str>, before: [Option<i64>; 2], after: [Option<i64>; 2]) {
        let agendas = [&mut self.by_now, &mut self.by_reported];
        for ((agenda, before), after) in agendas.into_iter().zip(before).zip(after) {
            if before == after {
                continue;
            }
            if let Some(at) = before {
                agenda.remove(&(at, about.clone()));
            }
            if let Some(at) = after {
                agenda.insert((at, about.clone()));
            }
        }
    }
}

type Folded = (Instance, Standing);

impl Held {
    /// Adds a fact; false if it is known, or opens nothing.
    fn add(&mut self, fact: Fact, opening: Option<Opening>) -> bool {
        if self.facts.contains(&fact) || (fact.role == Role::Opens && opening.is_none()) {
            return false;
        }
        self.facts.push(fact);
        arrange(&mut self.facts);
        if let Some(opening) = opening.filter(|_| fact.role == Role::Opens) {
            self.openings.push((fact.id, opening));
        }
        true
    }

    fn remove(&mut self, id: EventId) {
        self.facts.retain(|fact| fact.id != id);
        self.openings.retain(|(opening, _)| *opening != id);
    }

    fn fold(&self, about: &str, terms: &Terms, now: i64, reported: i64) -> Result<Option<Folded>> {
        let mut proof = Vec::new();
        let Some(standing) = fold(terms, &self.facts, now, reported, &mut proof) else {
            return Ok(None);
        };
        let Some(opening) = self.opening(&standing) else {
            return Ok(None);
        };
        let instance = Instance::new(about, &standing, opening, proof)?;
        Ok(Some((instance, standing)))
    }

    fn opening(&self, standing: &Standing) -> Option<&Opening> {
        let id = self.facts.get(standing.opening)?.id;
        let mut openings = self.openings.iter();
        openings.find_map(|(opening, what)| (*opening == id).then_some(what))
    }

    /// Whether it will be opened later than now.
    fn opens_after(&self, now: i64, terms: &Terms) -> bool {
        let mut later = self.facts.iter().filter(|fact| fact.at > now);
        later.any(|fact| terms.opens(fact))
    }

    /// When an instance comes of it though nothing more happens.
    fn begins(&self, now: i64, terms: &Terms) -> Option<i64> {
        terms.begins(&self.facts).filter(|begins| *begins > now)
    }

    /// When it may stand otherwise though nothing is heard: as time passes, and as reports come in.
    fn next(&self, standing: Option<&Standing>, now: i64, reported: i64) -> [Option<i64>; 2] {
        let later = self.facts.partition_point(|fact| fact.at <= now);
        let event = self.facts.get(later).map(|fact| fact.at);
        let Some(standing) = standing else {
            return [event, None];
        };
        if standing.paused_since.is_some() {
            let turns = standing.turns_at;
            let time = turns.filter(|turns| *turns > now);
            return [
                event.into_iter().chain(time).min(),
                turns.filter(|turns| *turns > reported),
            ];
        }
        let after = |moment: i64| {
            let ends = [
                Some(standing.due_at),
                standing.given_up_at,
                standing.turns_at,
            ];
            ends.into_iter().flatten().filter(|end| *end > moment).min()
        };
        let time = after(now);
        [event.into_iter().chain(time).min(), after(reported)]
    }
}
