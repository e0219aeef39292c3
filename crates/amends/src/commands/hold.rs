//! `amends hold`: legal holds, which stop erasing.

use std::io::{self, Write};

use amends_custody::Hold;
use amends_model::{EventId, IdentifierId, Problem, Result};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::{HoldAction, Whom};
use crate::context::Context;
use crate::look::Study;
use crate::terminal::number::counted;
use crate::terminal::paint::{GOOD, QUIET, paint};
use crate::terminal::table::{Column, Table};
use crate::terminal::when;
use crate::{surroundings, who};

/// Adds, lifts or lists.
///
/// # Errors
/// `AM0016` when nobody goes by this; `AM0020` when there is no hold to lift; `AM0313` when the reason names somebody.
pub(crate) async fn run(context: &Context, action: HoldAction) -> Result<Outcome> {
    match action {
        HoldAction::Add { whom, reason } => add(context, &whom, &reason).await,
        HoldAction::Lift { whom, reason } => lift(context, &whom, &reason).await,
        HoldAction::List { who } => list(context, who).await,
    }
}

async fn add(context: &Context, whom: &Whom, reason: &str) -> Result<Outcome> {
    let writer = context.writer(&surroundings::holder("hold add")).await?;
    let look = Study::at_whole_people(context).await?;
    let person = who::person(context, &look, whom).await?;
    let at = surroundings::now();
    let event = amends_custody::hold(&context.vault, &writer, &person, reason, at).await?;
    Ok(Outcome::good(Changed {
        customer: person.customer,
        events: vec![event],
        done: "Held",
    }))
}

async fn lift(context: &Context, whom: &Whom, reason: &str) -> Result<Outcome> {
    let writer = context.writer(&surroundings::holder("hold lift")).await?;
    let look = Study::at_whole_people(context).await?;
    let person = who::person(context, &look, whom).await?;
    let holds = amends_custody::holds(&look.snapshot)?.into_iter();
    let holds: Vec<Hold> = holds
        .filter(|hold| hold.stops(&person.identifiers))
        .collect();
    if holds.is_empty() {
        return Err(Problem::new("AM0020", "there is no hold on this person")
            .detail(person.customer.to_string())
            .hint("`amends hold list` lists all"));
    }
    let mut events = Vec::new();
    for hold in &holds {
        let (vault, at) = (&context.vault, surroundings::now());
        events.push(amends_custody::lift(vault, &writer, &person, hold, reason, at).await?);
    }
    Ok(Outcome::good(Changed {
        customer: person.customer,
        events,
        done: "Lifted",
    }))
}

async fn list(context: &Context, who: Option<String>) -> Result<Outcome> {
    let snapshot = context.ledger.snapshot().await?;
    let mut holds = amends_custody::holds(&snapshot)?;
    if let Some(who) = who {
        let look = Study::at_whole_people(context).await?;
        let whom = Whom {
            who: Some(who),
            identifier: None,
        };
        let person = who::person(context, &look, &whom).await?;
        holds.retain(|hold| {
            hold.identifiers
                .iter()
                .any(|id| person.identifiers.contains(id))
        });
    }
    let zone = context.project.company.zone.clone();
    Ok(Outcome::good(Listed { holds, zone }))
}

struct Changed {
    customer: IdentifierId,
    events: Vec<EventId>,
    done: &'static str,
}

impl Answer for Changed {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        self.events.iter().try_for_each(|event| {
            let decision = paint(QUIET, format!("decision {event}"));
            writeln!(
                out,
                "{} {}  {decision}",
                paint(GOOD, self.done),
                self.customer
            )
        })
    }

    fn json(&self) -> Value {
        json!({ "customer": self.customer, "events": self.events })
    }
}

struct Listed {
    holds: Vec<Hold>,
    zone: TimeZone,
}

impl Answer for Listed {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.holds.is_empty() {
            return writeln!(out, "{} is held", paint(GOOD, "Nobody"));
        }
        let mut table = Table::new(&[
            Column::name("customer"),
            Column::words("since"),
            Column::words("reason"),
            Column::words("lifted"),
        ]);
        for hold in &self.holds {
            let lifted = hold.lifted.as_ref();
            let lifted = lifted.map(|(at, why)| format!("{}: {why}", when::day(*at, &self.zone)));
            table.row([
                hold.customer.to_string(),
                when::day(hold.since, &self.zone),
                hold.reason.clone(),
                lifted.unwrap_or_default(),
            ]);
        }
        table.write(out)?;
        let standing = self
            .holds
            .iter()
            .filter(|hold| hold.lifted.is_none())
            .count();
        writeln!(
            out,
            "{}",
            paint(
                QUIET,
                counted(standing as u64, "hold stands", "holds stand")
            )
        )
    }

    fn json(&self) -> Value {
        let items = self.holds.iter().map(|hold| {
            json!({
                "hold": hold.hold,
                "customer": hold.customer,
                "identifiers": hold.identifiers,
                "since": hold.since,
                "reason": hold.reason,
                "lifted_at": hold.lifted.as_ref().map(|(at, _)| at),
                "lifted_why": hold.lifted.as_ref().map(|(_, why)| why),
            })
        });
        json!({ "total": self.holds.len(), "items": items.collect::<Vec<_>>() })
    }
}
