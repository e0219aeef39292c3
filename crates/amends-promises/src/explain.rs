//! What happened to one promise, in plain sentences.

use std::collections::HashMap;

use amends_model::event::column;
use amends_model::{EventId, Result, State};
use amends_project::definition::Promise;
use arrow::array::RecordBatch;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::compile::Compiled;
use crate::events::Columns;
use crate::fact::Role;
use crate::instance::{Instance, moment};
use crate::terms::Terms;
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
        Ok(sentences(instance, &self.promise, &self.terms, &told))
    }
}

fn sentences(
    instance: &Instance,
    promise: &Promise,
    terms: &Terms,
    told: &HashMap<EventId, Told>,
) -> Vec<String> {
    let zone = terms.zone();
    let deadline = |due| words::deadline(due, terms.ends_days(), zone);
    let mut sentences = vec![format!(
        "On {} {} promised, about {}: \"{}\".",
        words::moment(instance.opened_at, zone),
        promise.made_by,
        instance.about,
        promise.says
    )];
    let mut steps = Vec::new();
    for id in &instance.proof {
        if let Some(event) = told.get(id) {
            steps.extend(event.step(instance, &deadline, zone));
        }
    }
    let changed = !steps.is_empty();
    if let Some(first) = told
        .values()
        .find_map(Told::first_deadline)
        .filter(|_| changed)
    {
        sentences.push(format!("At first it was due by {}.", deadline(first)));
    }
    sentences.extend(steps);
    let due = deadline(instance.due_at);
    sentences.push(match (instance.state, instance.paused_since) {
        (_, Some(since)) => format!(
            "Since {} its clock stands still; when it stopped, the promise was due by {due}.",
            words::moment(since, zone)
        ),
        (State::Open, None) => format!("It is due by {due}."),
        _ => format!("It was due by {due}."),
    });
    sentences.extend(outcome(instance, promise, told, zone));
    sentences
}

/// An event of the proof.
struct Told {
    kind: String,
    at: Timestamp,
    roles: Vec<(Role, Option<i64>)>,
}

/// How it ended, or stands, and since when that could be known.
fn outcome(
    instance: &Instance,
    promise: &Promise,
    told: &HashMap<EventId, Told>,
    zone: &TimeZone,
) -> Vec<String> {
    let by = |role| {
        let mut events = told.values();
        let found = events.find(|event| Some(event.at) == instance.closed_at && event.plays(role));
        found
            .map(|event| format!(" ({})", event.kind.replace('_', " ")))
            .unwrap_or_default()
    };
    let closed = instance
        .closed_at
        .map(|at| words::moment(at, zone))
        .unwrap_or_default();
    let late = instance.late_by.map(words::length).unwrap_or_default();
    let early = instance
        .closed_at
        .map(|at| words::length(at.duration_until(instance.due_at)))
        .unwrap_or_default();
    let end = match instance.state {
        State::Open => return Vec::new(),
        State::Kept => format!("It was kept{} on {closed}, in time.", by(Role::Kept)),
        State::Beaten => format!(
            "It was kept{} on {closed}, {early} early: better than promised.",
            by(Role::Kept)
        ),
        State::Late => format!("It was kept{} on {closed}, {late} late.", by(Role::Kept)),
        State::Excused => format!(
            "It was excused{} on {closed}, before it was due.",
            by(Role::Excused)
        ),
        State::Overdue => format!("It has not been kept; it is {late} late."),
        State::Broken => {
            format!("It was not kept, and given up on {closed}, {late} after it was due.")
        }
        State::Unconfirmed => {
            let kept = promise.kept.kind.replace('_', " ");
            format!(
                "Whether it was kept is not confirmed: the sources that would tell ({kept}) have not reported that far."
            )
        }
    };
    let mut sentences = vec![end];
    if let Some(known) = instance.could_have_known {
        sentences.push(format!(
            "We could have known on {}.",
            words::moment(known, zone)
        ));
        let degree =
            ["", "slightly serious", "serious", "very serious"].get(usize::from(instance.serious));
        sentences.push(format!(
            "The let-down is {} ({} of 3).",
            degree.unwrap_or(&"serious"),
            instance.serious
        ));
    }
    sentences
}

impl Told {
    fn plays(&self, role: Role) -> bool {
        self.roles.iter().any(|(played, _)| *played == role)
    }

    fn first_deadline(&self) -> Option<Timestamp> {
        let opens = self.roles.iter().find(|(role, _)| *role == Role::Opens);
        moment(opens?.1?).ok()
    }

    /// What it changed on the way, in a sentence each.
    fn step(
        &self,
        instance: &Instance,
        deadline: &dyn Fn(Timestamp) -> String,
        zone: &TimeZone,
    ) -> Vec<String> {
        let (at, kind) = (words::moment(self.at, zone), self.kind.replace('_', " "));
        let is_end = Some(self.at) == instance.closed_at;
        let steps = self.roles.iter().filter_map(|(role, by)| match role {
            Role::Moved if !is_end => {
                let to = deadline(moment((*by)?).ok()?);
                Some(format!("On {at} the deadline was moved to {to} ({kind})."))
            }
            Role::PauseFrom if instance.paused_since != Some(self.at) => {
                Some(format!("On {at} the clock was stopped ({kind})."))
            }
            Role::PauseTo => Some(format!("On {at} the clock was started again ({kind}).")),
            _ => None,
        });
        steps.collect()
    }
}

fn told(compiled: &Compiled, events: &[RecordBatch]) -> Result<HashMap<EventId, Told>> {
    let mut all: HashMap<EventId, Told> = HashMap::new();
    for batch in events.iter().filter(|batch| batch.num_rows() > 0) {
        let columns = Columns::of(batch)?;
        let kind = Columns::texts(batch, column::KIND)?.value(0);
        let Some(reading) = compiled.readings.get(kind) else {
            continue;
        };
        for found in reading.found(batch, &compiled.terms)? {
            for row in found.rows(batch.num_rows()) {
                let at = moment(columns.at[row])?;
                let told = all.entry(columns.id(row)).or_insert_with(|| Told {
                    kind: kind.to_owned(),
                    at,
                    roles: Vec::new(),
                });
                told.roles.push((found.role, found.by(row)));
            }
        }
    }
    Ok(all)
}
