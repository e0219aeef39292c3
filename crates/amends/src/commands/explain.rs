//! `amends explain`: one promise to one customer in plain sentences, with the events that prove it.

use std::io::{self, Write};

use amends_model::{EventId, Problem, Result};
use amends_promises::{Compiled, Instance};
use anstyle::Style;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::look::Glance;
use crate::terminal::number::counted;
use crate::terminal::paint::{BAD, GOOD, HEADING, QUIET, paint};
use crate::terminal::{prose, when};

/// Tells one instance.
///
/// # Errors
/// `AM0014` when there is no such promise; `AM0016` when there is nothing of that name, or several things.
pub(crate) async fn run(context: &Context, id: &str, about: Option<&str>) -> Result<Outcome> {
    let (promise, about) = match about {
        Some(about) => (id, about),
        None => id.split_once('/').ok_or_else(|| {
            Problem::new("AM0016", "this is not the id of a let-down")
                .detail(format!("{id:?}"))
                .hint("write PROMISE/ABOUT as `amends letdowns --promise ID` prints it")
        })?,
    };
    let look = Glance::at(context).await?;
    let promise = look.promise(context, promise)?;
    let replay = look.replay(context, promise)?;
    let instance = find(replay.instances(), about)?;
    let compiled = Compiled::new(
        promise,
        &context.project.calendars,
        &context.planner,
        look.snapshot.kinds(),
    )?;
    let events = look.snapshot.events(&instance.proof)?;
    let sentences = compiled.explain(&instance, &events)?;
    let noticed = context
        .ledger
        .noticed(&promise.name)
        .await?
        .remove(&instance.about);
    Ok(Outcome::good(Explained {
        id: format!("{}/{}", promise.name, instance.about),
        state: instance.state.to_string(),
        let_down: instance.state.is_let_down(),
        noticed,
        zone: look.zone,
        sentences,
        proof: instance.proof,
    }))
}

/// The instance about this, or the only one about something that begins so.
fn find(instances: impl Iterator<Item = Instance>, about: &str) -> Result<Instance> {
    let mut beginning = Vec::new();
    for instance in instances {
        if instance.about == about {
            return Ok(instance);
        }
        if about.len() >= 4 && instance.about.starts_with(about) && beginning.len() < 4 {
            beginning.push(instance);
        }
    }
    match beginning.len() {
        1 => Ok(beginning.remove(0)),
        0 => Err(
            Problem::new("AM0016", "this promise was never made about that")
                .detail(format!("{about:?}"))
                .hint("`amends letdowns --promise ID` prints what let-downs are about"),
        ),
        _ => {
            let some: Vec<&str> = beginning
                .iter()
                .map(|instance| instance.about.as_str())
                .collect();
            Err(Problem::new("AM0016", "several things begin like that")
                .detail(some.join(", "))
                .hint("write more of it"))
        }
    }
}

struct Explained {
    id: String,
    state: String,
    let_down: bool,
    noticed: Option<Timestamp>,
    zone: TimeZone,
    sentences: Vec<String>,
    proof: Vec<EventId>,
}

impl Answer for Explained {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let style = if self.let_down { BAD } else { GOOD };
        writeln!(
            out,
            "{}  {}\n",
            paint(HEADING, &self.id),
            paint(style, &self.state)
        )?;
        let mut sentences = self.sentences.iter();
        sentences.try_for_each(|sentence| prose::write(out, 0, Style::new(), sentence))?;
        if let Some(noticed) = self.noticed {
            let noticed = when::moment(noticed, &self.zone);
            writeln!(out, "Amends noticed it on {noticed}.")?;
        }
        let events = counted(self.proof.len() as u64, "event proves", "events prove");
        writeln!(out, "\n{}", paint(QUIET, format!("{events} it:")))?;
        self.proof
            .iter()
            .try_for_each(|id| writeln!(out, "{}", paint(QUIET, format!("  {id}"))))
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id, "state": self.state, "sentences": self.sentences, "events": self.proof,
            "noticed_at": self.noticed,
        })
    }
}
