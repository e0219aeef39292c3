//! `amends fracture look`: what two looks in a row see is told.

use std::io::{self, Write};

use amends_fractures::{Fracture, History, State, looks};
use amends_model::{EventId, Problem, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::commands::fractures::read;
use crate::context::Context;
use crate::look::Look;
use crate::surroundings;
use crate::terminal::number::counted;
use crate::terminal::paint::{QUIET, paint};
use crate::terminal::when;

/// Looks at all fractures, keeps what is seen, and tells what is new and back.
///
/// # Errors
/// `AM0017` when nothing was imported; `AM1004` when it is as of a moment that nobody has reported yet; `AM0403` when the ledger's database fails.
pub(super) async fn keep(context: &Context, at: Timestamp) -> Result<Outcome> {
    let writer = context.writer(&surroundings::holder("fracture")).await?;
    let look = Look::at(context).await?;
    reported(context, &look)?;
    let session = look.session(context).await?;
    // A look as of an earlier moment knows what was decided since: it asks whether that held by then.
    let history = History::read(&look.snapshot, None, &look.zone)?;
    let seen = amends_fractures::read(&session, &history, None).await?;
    let event = looks::keep(&writer, &seen.fractures, (at, look.as_of)).await?;
    drop(writer);
    let look = Look::at(context).await?;
    let all = read(context, &look, None).await?;
    Ok(Outcome::good(Looked {
        fractures: all.fractures,
        as_of: look.as_of,
        zone: look.zone.clone(),
        event,
    }))
}

/// Refuses a look ahead of what is reported: it would see again what the last one saw, and stand before every ordinary one (rule 4).
fn reported(context: &Context, look: &Look) -> Result<()> {
    let until = amends_promises::earliest_watermark(&context.project, &look.snapshot);
    match until {
        Some(until) if look.as_of > until => Err(Problem::new("AM1004", "this cannot be decided")
            .detail(format!(
                "a look as of {}, but the sources have reported until {} only",
                when::moment(look.as_of, &look.zone),
                when::moment(until, &look.zone)
            ))
            .hint(
                "leave `--as-of` out to look at all that is reported, or name an earlier moment",
            )),
        _ => Ok(()),
    }
}

struct Looked {
    fractures: Vec<Fracture>,
    as_of: Timestamp,
    zone: TimeZone,
    event: EventId,
}

impl Looked {
    fn ids(&self, wanted: impl Fn(&Fracture) -> bool) -> Vec<&str> {
        let fractures = self.fractures.iter().filter(|one| wanted(one));
        fractures.map(|one| one.id.as_str()).collect()
    }

    fn seen_twice(&self) -> Vec<&str> {
        self.ids(|one| one.is_new && one.state == State::Suspected)
    }

    fn regressed(&self) -> Vec<&str> {
        self.ids(|one| one.state == State::Regressed)
    }

    /// What one look saw, and a second one must see before it is told. What somebody has decided about is not waited for.
    fn waiting(&self) -> Vec<&str> {
        self.ids(|one| match one.state {
            State::Suspected => one.looks == 1,
            State::Mended => one.is_back,
            _ => false,
        })
    }
}

impl Answer for Looked {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = counted(self.fractures.len() as u64, "fracture", "fractures");
        writeln!(
            out,
            "Looked at {count} as of {}  {}",
            when::moment(self.as_of, &self.zone),
            paint(QUIET, format!("event {}", self.event))
        )?;
        for (says, ids) in [
            ("new", self.seen_twice()),
            ("back", self.regressed()),
            ("seen once, so far", self.waiting()),
        ] {
            if !ids.is_empty() {
                writeln!(out, "  {says}: {}", ids.join(", "))?;
            }
        }
        Ok(())
    }

    fn json(&self) -> Value {
        json!({
            "as_of": self.as_of,
            "event": self.event,
            "total": self.fractures.len(),
            "new": self.seen_twice(),
            "regressed": self.regressed(),
            "waiting": self.waiting(),
        })
    }
}
