//! `amends letdowns`: who was let down, by which promise, and how badly.

use std::collections::BTreeMap;
use std::io::{self, Write};

use amends_figures::Frame;
use amends_model::{IdentifierId, Period, Result, State};
use amends_project::definition::Promise;
use amends_promises::{Count, Instance, LeftOut};
use amends_query::Session;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::definitions::Definitions;
use crate::answer::{Answer, Outcome};
use crate::arguments::Letdowns;
use crate::context::Context;
use crate::look::{Glance, Look};
use crate::names::Names;
use crate::terminal::number::{counted, percent, whole};
use crate::terminal::paint::{BAD, CARE, HEADING, QUIET, paint};
use crate::terminal::table::{Column, Table};
use crate::terminal::when;

/// Counts every promise, or lists the let-downs of one.
///
/// # Errors
/// `AM0007` when the period cannot be read; `AM0014` when there is no such promise; `AM0017` when nothing was imported.
pub(crate) async fn run(context: &Context, asked: &Letdowns) -> Result<Outcome> {
    match &asked.promise {
        None if asked.period.is_none() => every(context, &Glance::at(context).await?),
        None => every_in(context, &Look::at(context).await?, asked).await,
        Some(name) => one(context, &Look::at(context).await?, name, asked).await,
    }
}

fn every(context: &Context, look: &Glance) -> Result<Outcome> {
    let promises: Vec<&Promise> = context.project.promises.values().collect();
    let counts = look.counts(context, &promises)?;
    let counts = promises.into_iter().zip(&counts);
    let counts = counts.map(|(promise, count)| (promise.clone(), Counts::of(promise, count)));
    Ok(Outcome::good(Every {
        counts: counts.collect(),
        period: None,
        as_of: look.as_of,
        zone: look.zone.clone(),
    }))
}

/// Every promise, as far as it came due in a period.
async fn every_in(context: &Context, look: &Look, asked: &Letdowns) -> Result<Outcome> {
    let period = look.period(context, asked.period.as_deref())?;
    let session = look.session(context).await?;
    let mut counts = Vec::new();
    for promise in context.project.promises.values() {
        let of = Counts::of(promise, &look.instances(context, promise)?.count());
        counts.push((promise.clone(), of.within(&session, promise, period).await?));
    }
    Ok(Outcome::good(Every {
        counts,
        period: Some(period),
        as_of: look.as_of,
        zone: look.zone.clone(),
    }))
}

async fn one(context: &Context, look: &Look, name: &str, asked: &Letdowns) -> Result<Outcome> {
    let promise = look.promise(context, name)?;
    let kept = look.instances(context, promise)?;
    let noticed = context.ledger.noticed(name).await?;
    let mut counts = Counts::of(promise, &kept.count());
    let items = kept.let_downs()?.map(|instance| {
        let instance = instance?;
        Ok(Item {
            customer: look.people.customer(instance.identifier),
            noticed_at: noticed.get(&instance.about).copied(),
            instance,
        })
    });
    let mut items: Vec<Item> = items.collect::<Result<_>>()?;
    let period = asked.period.as_deref();
    let period = period.map(|period| look.period(context, Some(period)));
    let period = period.transpose()?;
    if let Some(period) = period {
        let (from, until) = period.bounds(&look.zone)?;
        items.retain(|item| (from..until).contains(&item.instance.due_at));
        let session = look.session(context).await?;
        counts = counts.within(&session, promise, period).await?;
    }
    items.sort_by(|a, b| {
        let off = |item: &Item| item.instance.late_by.map(|late| late.abs());
        let rank = |item: &Item| (item.instance.serious, off(item));
        rank(b)
            .cmp(&rank(a))
            .then_with(|| a.instance.about.cmp(&b.instance.about))
    });
    let customers = items.iter().map(|item| item.customer);
    let names = match asked.reveal {
        true => Some(Names::of_customers(context, look, customers).await?),
        false => None,
    };
    Ok(Outcome::good(One {
        promise: promise.clone(),
        counts,
        items,
        names,
        period,
        as_of: look.as_of,
        zone: look.zone.clone(),
        limit: asked.limit,
    }))
}

/// How the instances of a promise stand.
struct Counts {
    states: BTreeMap<State, u64>,
    /// Whether it is due at all: what must not happen is never late.
    is_due: bool,
    /// What opened nothing.
    left_out: LeftOut,
    definitions: Definitions,
}

impl Counts {
    fn of(promise: &Promise, count: &Count) -> Self {
        let mut counts = count.all.states.clone();
        State::ALL
            .into_iter()
            .for_each(|state| _ = counts.entry(state).or_default());
        Self {
            states: counts,
            is_due: promise.shape.is_due(),
            left_out: count.all.left_out,
            definitions: Definitions::of(count),
        }
    }

    /// Of those that came due in a period, as the card counts them.
    async fn within(self, session: &Session, promise: &Promise, period: Period) -> Result<Self> {
        let frame = Frame::of(session, period)?;
        let within = Some((frame.from, frame.until));
        let kept = amends_figures::let_downs::read_one(session, &promise.name, within).await?;
        let states = State::ALL.into_iter();
        Ok(Self {
            states: states.map(|state| (state, kept.count(state))).collect(),
            ..self
        })
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
            "definitions": self.definitions.json(),
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
    period: Option<Period>,
    as_of: Timestamp,
    zone: TimeZone,
}

impl Answer for Every {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let number = Column::number;
        let mut table = Table::new(&[
            Column::name("promise"),
            number("made"),
            number("kept"),
            number("beaten").goes(2),
            number("open").goes(4),
            number("unconfirmed").goes(3),
            number("excused").goes(1),
            number("overdue"),
            number("late"),
            number("broken"),
            number("let down"),
        ]);
        for (promise, counts) in &self.counts {
            let state = |state| whole(counts.get(state));
            table.row([
                promise.name.clone(),
                whole(counts.exposed()),
                state(State::Kept),
                state(State::Beaten),
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
                format!(
                    "{}as of {}",
                    due_in(self.period),
                    when::moment(self.as_of, &self.zone)
                )
            )
        )?;
        for (promise, counts) in &self.counts {
            counts.show_again(out, &promise.name)?;
            counts.definitions.show(out, &promise.name, &self.zone)?;
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
        let period = self.period.map(|period| period.to_string());
        json!({ "as_of": self.as_of, "period": period, "promises": promises.collect::<Vec<_>>() })
    }
}

struct Item {
    instance: Instance,
    customer: IdentifierId,
    noticed_at: Option<Timestamp>,
}

struct One {
    promise: Promise,
    counts: Counts,
    items: Vec<Item>,
    /// Where the user asked to see them.
    names: Option<Names>,
    period: Option<Period>,
    as_of: Timestamp,
    zone: TimeZone,
    limit: usize,
}

impl One {
    fn id(&self, item: &Item) -> String {
        format!("{}/{}", self.promise.name, item.instance.about)
    }

    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let ends_day = |item: &Item| when::day_that_ends(item.instance.due_at, &self.promise);
        let by_days = self.items.iter().all(|item| ends_day(item).is_some());
        let is_due = self.counts.is_due;
        let mut columns = vec![Column::name("let-down"), Column::name("customer")];
        if self.names.is_some() {
            columns.push(Column::words("known as"));
        }
        columns.push(Column::words("is"));
        if is_due {
            let due = if by_days { "by the end of" } else { "due" };
            columns.push(Column::words(due));
        }
        columns.push(Column::words("could have known").goes_first(1));
        if is_due {
            columns.push(Column::words("late by"));
        }
        columns.push(Column::number("serious"));
        let mut table = Table::new(&columns);
        let moment = |at: Option<Timestamp>| {
            at.map(|at| when::moment(at, &self.zone))
                .unwrap_or_default()
        };
        let due = |item: &Item| match ends_day(item) {
            Some(day) if by_days => day.to_string(),
            _ => when::due(item.instance.due_at, &self.promise, &self.zone),
        };
        for item in self.items.iter().take(self.limit) {
            let instance = &item.instance;
            let mut cells = vec![
                self.id(item),
                item.customer.to_string().chars().take(12).collect(),
            ];
            cells.extend(self.names.as_ref().map(|names| names.of(item.customer)));
            cells.push(instance.state.to_string());
            cells.extend(is_due.then(|| due(item)));
            cells.push(moment(instance.could_have_known));
            cells.extend(is_due.then(|| instance.late_by.map(off).unwrap_or_default()));
            cells.push(instance.serious.to_string());
            table.row(cells);
        }
        table.write(out)
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
            paint(QUIET, format!("{}as of {as_of}", due_in(self.period)))
        )?;
        if let Some(share) = counts.late_share() {
            writeln!(out, "late among those kept at all: {}", percent(share))?;
        }
        counts.show_again(out, &self.promise.name)?;
        let definitions = &counts.definitions;
        definitions.show(out, &self.promise.name, &self.zone)?;
        if self.items.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        self.table(out)?;
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
        object["period"] = json!(self.period.map(|period| period.to_string()));
        object["definition"] = json!(self.promise.version);
        object["items"] = self.items.iter().map(|item| self.item(item)).collect();
        object
    }
}

/// Which instances are meant, where not all are.
fn due_in(period: Option<Period>) -> String {
    period.map_or_else(String::new, |period| format!("due in {period}, "))
}

/// How far off it came: how late, or how much too early.
fn off(late_by: SignedDuration) -> String {
    let length = when::short(late_by);
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
            "names": self.names.as_ref().map(|names| names.json(item.customer)),
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
