//! What happened to one promise, in plain sentences.

mod never;
mod normal;
mod recurring;
mod share;
mod timed;

use std::collections::{BTreeMap, BTreeSet};

use amends_model::event::column;
use amends_model::{EventId, Result, State};
use amends_project::definition::Promise;
use arrow::array::{Array, AsArray, RecordBatch, TimestampMicrosecondArray};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::compile::Compiled;
use crate::events::Columns;
use crate::fact::{Fact, Role, arrange};
use crate::fold::{Standing, fold};
use crate::instance::{Instance, moment};
use crate::terms::{Shaped, Terms};
use crate::words;

impl Compiled {
    /// Tells one instance in plain sentences, in order of time, in the promise's zone.
    ///
    /// `events` are those that prove it, as the ledger gives them by id, each batch of one kind; those that are missing are not told.
    ///
    /// # Errors
    /// `AM0203` when a condition fails for an event; `AM0705` when an event does not have the columns that events have.
    pub fn explain(&self, instance: &Instance, events: &[RecordBatch]) -> Result<Vec<String>> {
        let told = told(self, events)?;
        let telling = Telling {
            instance,
            promise: &self.promise,
            terms: &self.terms,
            told: &told,
        };
        Ok(telling.sentences())
    }
}

/// An event of the proof.
struct Told {
    /// Its kind, in words.
    kind: String,
    at: Timestamp,
    /// Since when it may have happened, where its source does not say when.
    not_before: Option<Timestamp>,
    facts: Vec<Fact>,
}

/// What is told of one instance.
struct Telling<'a> {
    instance: &'a Instance,
    promise: &'a Promise,
    terms: &'a Terms,
    told: &'a BTreeMap<EventId, Told>,
}

impl Telling<'_> {
    fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![format!(
            "On {} {} promised, about {}: \"{}\".",
            self.moment(self.instance.opened_at),
            self.promise.made_by,
            self.instance.about,
            self.promise.says
        )];
        sentences.extend(match &self.terms.shape {
            Shaped::Timed(span) => timed::sentences(self, span),
            Shaped::Exposed(_) => never::sentences(self),
            Shaped::Recurring(_) => recurring::sentences(self),
            Shaped::Share(_) => share::sentences(self),
            Shaped::Own(own) => normal::sentences(self, own),
        });
        if let Some(known) = self.instance.could_have_known {
            sentences.push(format!("We could have known on {}.", self.moment(known)));
            sentences.push(self.degree());
        }
        sentences
    }

    fn degree(&self) -> String {
        let serious = self.instance.serious;
        let degree = ["", "slightly serious", "serious", "very serious"].get(usize::from(serious));
        let degree = degree.unwrap_or(&"serious");
        format!("The let-down is {degree} ({serious} of 3).")
    }

    fn zone(&self) -> &TimeZone {
        self.terms.zone()
    }

    fn moment(&self, moment: Timestamp) -> String {
        words::moment(moment, self.zone())
    }

    /// The beginning of a sentence that says when an event happened.
    fn when(&self, event: &Told) -> String {
        let at = self.moment(event.at);
        match event.not_before {
            None => format!("On {at}"),
            Some(since) => format!("Between {} and {at}", self.moment(since)),
        }
    }

    /// When it ended; empty while it has not.
    fn closed(&self) -> String {
        let closed = self.instance.closed_at;
        closed.map(|at| self.moment(at)).unwrap_or_default()
    }

    /// The kind of the event that closed it in a role, in brackets; empty where no event did.
    fn by(&self, role: Role) -> String {
        let closes = |event: &&Told| {
            Some(event.at) == self.instance.closed_at && event.facts.iter().any(|f| f.role == role)
        };
        let found = self.told.values().find(closes);
        found
            .map(|event| format!(" ({})", event.kind))
            .unwrap_or_default()
    }

    /// The events of the proof, in order of time.
    fn events(&self) -> impl Iterator<Item = &Told> {
        let proof = self.instance.proof.iter();
        proof.filter_map(|id| self.told.get(id))
    }

    /// The facts of the proof, in their order.
    fn facts(&self) -> Vec<Fact> {
        let events = self.told.values();
        let mut facts: Vec<Fact> = events
            .flat_map(|event| event.facts.iter().copied())
            .collect();
        arrange(&mut facts);
        facts
    }

    /// How it stands by what proves it: the same as by everything that is known.
    fn standing(&self) -> Option<Standing> {
        fold(
            self.terms,
            &self.facts(),
            i64::MAX,
            i64::MAX,
            &mut Vec::new(),
        )
    }

    /// What it waits for, and for that reason is not confirmed.
    fn unconfirmed(&self, whether: &str) -> String {
        debug_assert_eq!(self.instance.state, State::Unconfirmed);
        let awaited = words::kind(&self.promise.awaits().kind);
        format!(
            "Whether {whether} is not confirmed: the sources that would tell ({awaited}) have not reported that far."
        )
    }
}

fn told(compiled: &Compiled, events: &[RecordBatch]) -> Result<BTreeMap<EventId, Told>> {
    let batches = || events.iter().filter(|batch| batch.num_rows() > 0);
    let mut sources = BTreeSet::new();
    for batch in batches() {
        let names = Columns::texts(batch, column::SOURCE)?.iter();
        sources.extend(names.flatten().map(str::to_owned));
    }
    let sources: Vec<String> = sources.into_iter().collect();
    let mut all: BTreeMap<EventId, Told> = BTreeMap::new();
    for batch in batches() {
        let columns = Columns::of(batch)?;
        let kind = Columns::texts(batch, column::KIND)?.value(0);
        let not_before = batch.column_by_name(column::NOT_BEFORE);
        let not_before = not_before.and_then(|column| column.as_primitive_opt());
        let Some(reading) = compiled.readings.get(kind) else {
            continue;
        };
        for found in reading.found(batch)? {
            for row in found.rows(batch.num_rows()) {
                let source = columns.source.value(row).to_owned();
                let rank = sources.binary_search(&source).unwrap_or_default();
                let fact = found.fact(&columns, row, rank as u32);
                let at = moment(fact.at)?;
                let since = not_before.filter(|column| column.is_valid(row));
                let since = since.map(|column: &TimestampMicrosecondArray| column.value(row));
                let not_before = since.map(moment).transpose()?;
                let told = all.entry(fact.id).or_insert_with(|| Told {
                    kind: words::kind(kind),
                    at,
                    not_before,
                    facts: Vec::new(),
                });
                told.facts.push(fact);
            }
        }
    }
    Ok(all)
}
