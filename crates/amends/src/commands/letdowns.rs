//! `amends letdowns`: who was let down, by which promise, and how badly.

use std::collections::BTreeMap;
use std::io::{self, Write};

use amends_model::{Result, State};
use amends_project::definition::Promise;
use amends_promises::{Instance, Kept, LeftOut};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::look::{Glance, Look};
use crate::terminal::number::{counted, percent, whole};
use crate::terminal::paint::{BAD, CARE, HEADING, QUIET, paint};
use crate::terminal::table::{Side, Table};
use crate::terminal::when;

/// Counts every promise, or lists the let-downs of one.
///
/// # Errors
/// `AM0014` when there is no such promise; `AM0017` when nothing was imported.
pub(crate) async fn run(context: &Context, promise: Option<&str>, limit: usize) -> Result<Outcome> {
    match promise {
        None => every(context, &Glance::at(context).await?),
        Some(name) => one(context, &Look::at(context).await?, name, limit).await,
    }
}

fn every(context: &Context, look: &Glance) -> Result<Outcome> {
    let counts = context.project.promises.values().map(|promise| {
        let kept = look.instances(context, promise)?;
        Ok((promise.clone(), Counts::of(promise, &kept)))
    });
    Ok(Outcome::good(Every {
        counts: counts.collect::<Result<_>>()?,
        as_of: look.as_of,
        zone: look.zone.clone(),
    }))
}

async fn one(context: &Context, look: &Look, name: &str, limit: usize) -> Result<Outcome> {
    let promise = look.promise(context, name)?;
    let kept = look.instances(context, promise)?;
    let noticed = context.ledger.noticed(name).await?;
    let counts = Counts::of(promise, &kept);
    let items = kept.let_downs()?.map(|instance| {
        let instance = instance?;
        Ok(Item {
            customer: look.people.customer(instance.identifier).to_string(),
            noticed_at: noticed.get(&instance.about).copied(),
            instance,
        })
    });
    let mut items: Vec<Item> = items.collect::<Result<_>>()?;
    items.sort_by(|a, b| {
        let off = |item: &Item| item.instance.late_by.map(|late| late.abs());
        let rank = |item: &Item| (item.instance.serious, off(item));
        rank(b)
            .cmp(&rank(a))
            .then_with(|| a.instance.about.cmp(&b.instance.about))
    });
    let (as_of, zone) = (look.as_of, look.zone.clone());
    Ok(Outcome::good(One {
        promise: promise.clone(),
        counts,
        items,
        as_of,
        zone,
        limit,
    }))
}

/// How the instances of a promise stand.
struct Counts {
    states: BTreeMap<State, u64>,
    /// Whether it is due at all: what must not happen is never late.
    is_due: bool,
    /// What opened nothing.
    left_out: LeftOut,
}

impl Counts {
    fn of(promise: &Promise, kept: &Kept) -> Self {
        let mut counts = kept.counts().clone();
        State::ALL
            .into_iter()
            .for_each(|state| _ = counts.entry(state).or_default());
        Self {
            states: counts,
            is_due: promise.shape.deadline().is_some(),
            left_out: kept.left_out(),
        }
    }

    fn get(&self, state: State) -> u64 {
        self.states.get(&state).copied().unwrap_or_default()
    }

    fn exposed(&self) -> u64 {
        self.states.values().sum()
    }

    fn let_down(&self) -> u64 {
        self.states
            .iter()
            .filter(|(state, _)| state.is_let_down())
            .map(|(_, count)| count)
            .sum()
    }

    /// Late among those that were kept at all, in time or not; none for what must not happen.
    fn late_share(&self) -> Option<f64> {
        let late = self.get(State::Late);
        let kept = late + self.get(State::Kept) + self.get(State::Beaten);
        (self.is_due && kept > 0).then(|| late as f64 / kept as f64)
    }

    /// Events that would have opened it and could not, because it was made about the same thing before.
    fn show_again(&self, out: &mut dyn Write, promise: &str) -> io::Result<()> {
        if self.left_out.again == 0 {
            return Ok(());
        }
        let events = counted(self.left_out.again, "opening event", "opening events");
        let note = "the first about a thing opens its only instance";
        writeln!(
            out,
            "{} of {promise} opened nothing: {}",
            paint(CARE, events),
            paint(QUIET, note)
        )
    }

    fn json(&self) -> Value {
        let mut object = json!({
            "left_out": {
                "without_deadline": self.left_out.without_deadline,
                "without_about": self.left_out.without_about,
                "again": self.left_out.again,
            },
            "exposed": self.exposed(),
            "total": self.let_down(),
            "late_share": self.late_share(),
        });
        for (state, count) in &self.states {
            object[state.as_str()] = json!(count);
        }
        object
    }
}

struct Every {
    counts: Vec<(Promise, Counts)>,
    as_of: Timestamp,
    zone: TimeZone,
}

impl Answer for Every {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let number = |heading| (heading, Side::Right);
        let mut table = Table::new(&[
            ("promise", Side::Left),
            number("made"),
            number("kept"),
            number("open"),
            number("unconfirmed"),
            number("excused"),
            number("overdue"),
            number("late"),
            number("broken"),
            number("let down"),
        ]);
        for (promise, counts) in &self.counts {
            let kept = counts.get(State::Kept) + counts.get(State::Beaten);
            let state = |state| whole(counts.get(state));
            table.row([
                promise.name.clone(),
                whole(counts.exposed()),
                whole(kept),
                state(State::Open),
                state(State::Unconfirmed),
                state(State::Excused),
                state(State::Overdue),
                state(State::Late),
                state(State::Broken),
                whole(counts.let_down()),
            ]);
        }
        table.write(out)?;
        writeln!(
            out,
            "\n{}",
            paint(
                QUIET,
                format!("as of {}", when::moment(self.as_of, &self.zone))
            )
        )?;
        for (promise, counts) in &self.counts {
            counts.show_again(out, &promise.name)?;
        }
        writeln!(out, "`amends letdowns --promise ID` lists them")
    }

    fn json(&self) -> Value {
        let promises = self.counts.iter().map(|(promise, counts)| {
            let mut object = counts.json();
            object["promise"] = json!(promise.name);
            object["says"] = json!(promise.says);
            object["shape"] = json!(promise.shape.as_str());
            object
        });
        json!({ "as_of": self.as_of, "promises": promises.collect::<Vec<_>>() })
    }
}

struct Item {
    instance: Instance,
    customer: String,
    noticed_at: Option<Timestamp>,
}

struct One {
    promise: Promise,
    counts: Counts,
    items: Vec<Item>,
    as_of: Timestamp,
    zone: TimeZone,
    limit: usize,
}

impl One {
    fn id(&self, item: &Item) -> String {
        format!("{}/{}", self.promise.name, item.instance.about)
    }
}

impl Answer for One {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{}  {}",
            paint(HEADING, &self.promise.name),
            self.promise.says
        )?;
        let (counts, as_of) = (&self.counts, when::moment(self.as_of, &self.zone));
        let let_down = paint(BAD, counted(counts.let_down(), "time", "times"));
        let made = counted(counts.exposed(), "time", "times");
        writeln!(
            out,
            "made {made}, let down {let_down}: {} late, {} overdue, {} broken   {}",
            whole(counts.get(State::Late)),
            whole(counts.get(State::Overdue)),
            whole(counts.get(State::Broken)),
            paint(QUIET, format!("as of {as_of}"))
        )?;
        if let Some(share) = counts.late_share() {
            writeln!(out, "late among those kept at all: {}", percent(share))?;
        }
        counts.show_again(out, &self.promise.name)?;
        if self.items.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        let mut table = Table::new(&[
            ("let-down", Side::Left),
            ("customer", Side::Left),
            ("is", Side::Left),
            ("due", Side::Left),
            ("could have known", Side::Left),
            ("late by", Side::Right),
            ("serious", Side::Right),
        ]);
        let moment = |at: Option<Timestamp>| {
            at.map(|at| when::moment(at, &self.zone))
                .unwrap_or_default()
        };
        let due = counts.is_due;
        for item in self.items.iter().take(self.limit) {
            let instance = &item.instance;
            table.row([
                self.id(item),
                item.customer.chars().take(12).collect(),
                instance.state.to_string(),
                moment(due.then_some(instance.due_at)),
                moment(instance.could_have_known),
                instance.late_by.map(off).unwrap_or_default(),
                instance.serious.to_string(),
            ]);
        }
        table.write(out)?;
        let (shown, all) = (self.items.len().min(self.limit), self.items.len());
        if shown < all {
            let note = format!(
                "{} of {}, the most serious first; --limit shows more",
                whole(shown as u64),
                whole(all as u64)
            );
            writeln!(out, "{}", paint(QUIET, note))?;
        }
        writeln!(
            out,
            "\n`amends explain LET-DOWN` tells one in sentences; `amends customer ID` tells a customer's story"
        )
    }

    fn json(&self) -> Value {
        let mut object = self.counts.json();
        object["promise"] = json!(self.promise.name);
        object["says"] = json!(self.promise.says);
        object["shape"] = json!(self.promise.shape.as_str());
        object["as_of"] = json!(self.as_of);
        object["definition"] = json!(self.promise.version);
        object["items"] = self.items.iter().map(|item| self.item(item)).collect();
        object
    }
}

/// How far off it came: how late, or how much too early.
fn off(late_by: SignedDuration) -> String {
    let length = when::length(late_by);
    match late_by.is_negative() {
        true => format!("{length} early"),
        false => length,
    }
}

impl One {
    fn item(&self, item: &Item) -> Value {
        let instance = &item.instance;
        let attributes: BTreeMap<&String, &Vec<String>> = self
            .promise
            .attributes
            .iter()
            .zip(&instance.attributes)
            .collect();
        json!({
            "id": self.id(item),
            "about": instance.about,
            "identifier": instance.identifier,
            "customer": item.customer,
            "state": instance.state,
            "touchpoint": self.promise.touchpoint,
            "opened_at": instance.opened_at,
            "due_at": instance.due_at,
            "closed_at": instance.closed_at,
            "could_have_known": instance.could_have_known,
            "noticed_at": item.noticed_at,
            "late_by_seconds": instance.late_by.map(|late| late.as_secs()),
            "serious": instance.serious,
            "attributes": attributes,
            "proof": instance.proof,
        })
    }
}
