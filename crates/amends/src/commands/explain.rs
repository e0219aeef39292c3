//! `amends explain`: one promise to one customer in plain sentences, with the events that prove it. An event by its id is told beside.

use std::collections::HashSet;
use std::io::{self, Write};

use amends_model::{EventId, Problem, Result};
use amends_project::definition::Promise;
use amends_promises::{Compiled, Instance, Kept};
use anstyle::Style;
use arrow::array::AsArray;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::commands::event;
use crate::context::Context;
use crate::look::Glance;
use crate::terminal::number::counted;
use crate::terminal::paint::{BAD, GOOD, HEADING, QUIET, paint};
use crate::terminal::{prose, when};

/// Tells one instance, or one event.
///
/// # Errors
/// `AM0014` when there is no such promise; `AM0016` when there is nothing of that name, or several things.
pub(crate) async fn run(context: &Context, id: &str, about: Option<&str>) -> Result<Outcome> {
    if let (None, Ok(event)) = (about, id.parse::<EventId>()) {
        return event::run(context, event).await;
    }
    let (promise, about) = match about {
        Some(about) => (id, about),
        None => id.split_once('/').ok_or_else(|| {
            Problem::new("AM0016", "this is not the id of a let-down or of an event")
                .detail(format!("{id:?}"))
                .hint("write PROMISE/ABOUT as `amends letdowns --promise ID` prints it, or the whole id of an event")
        })?,
    };
    let look = Glance::at(context).await?;
    let promise = look.promise(context, promise)?;
    let kept = look.instances(context, promise)?;
    let instances = find(&kept, about)?;
    let mut sentences = Vec::new();
    let mut proof: Vec<EventId> = Vec::new();
    for instance in &instances {
        sentences.extend(told(context, &look, promise, &kept, instance)?);
        let new = instance.proof.iter().filter(|id| !proof.contains(id));
        proof.extend(new.copied().collect::<Vec<_>>());
    }
    let let_down = instances.iter().find(|one| one.state.is_let_down());
    let Some(instance) = let_down.or(instances.last()) else {
        return Err(never_made(about));
    };
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
        proof,
    }))
}

/// What is said of one instance.
fn told(
    context: &Context,
    look: &Glance,
    promise: &Promise,
    kept: &Kept,
    instance: &Instance,
) -> Result<Vec<String>> {
    let judge = context.project.judge(&promise.name, instance.opened_at);
    let judge = judge.unwrap_or(promise);
    let compiled = Compiled::new(judge, &context.planner, look.snapshot.kinds())?;
    let events = look.snapshot.events(&instance.proof)?;
    let mut sentences = compiled.explain(instance, &events)?;
    if judge.stands.is_some() && instance.state.is_let_down() {
        sentences.extend(incident(kept, instance)?);
    }
    sentences.extend(judge.spell.until.map(|until| {
        let until = when::moment(until, &look.zone);
        format!("It is judged by the definition that was in force when it opened: that of before {until}.")
    }));
    Ok(sentences)
}

/// How many others the same incident let down: those that share an event of the proof, for what opened each is its own.
fn incident(kept: &Kept, instance: &Instance) -> Result<Option<String>> {
    let proof: HashSet<EventId> = instance.proof.iter().copied().collect();
    let mut others = 0;
    for other in kept.let_downs()? {
        let other = other?;
        let shares = other.proof.iter().any(|id| proof.contains(id));
        others += u64::from(shares && other.about != instance.about);
    }
    let told = counted(others, "other", "others");
    Ok((others > 0).then(|| format!("It was one incident: the same events let down {told}.")))
}

/// The instances about this, or about the only thing that begins so: one, or one by each definition that judges it.
fn find(kept: &Kept, about: &str) -> Result<Vec<Instance>> {
    let instances = kept.find(about)?;
    if !instances.is_empty() {
        return Ok(instances);
    }
    let beginning = beginning_with(kept, about)?;
    match beginning.as_slice() {
        [one] => kept.find(one),
        [] => Err(never_made(about)),
        several => Err(Problem::new("AM0016", "several things begin like that")
            .detail(several.join(", "))
            .hint("write more of it")),
    }
}

fn never_made(about: &str) -> Problem {
    Problem::new("AM0016", "this promise was never made about that")
        .detail(format!("{about:?}"))
        .hint("`amends letdowns --promise ID` prints what let-downs are about")
}

/// Some of the things that begin so; none where too little was written.
fn beginning_with(kept: &Kept, about: &str) -> Result<Vec<String>> {
    let mut beginning: Vec<String> = Vec::new();
    if about.len() < 4 {
        return Ok(beginning);
    }
    for batch in kept.batches(Some(&["about"]))? {
        let batch = batch?;
        let abouts = batch.column_by_name("about");
        let abouts = abouts.and_then(|abouts| abouts.as_string_opt::<i32>());
        let abouts = abouts.into_iter().flatten().flatten();
        for one in abouts.filter(|one| one.starts_with(about)) {
            // Several definitions may have an instance about it.
            if beginning.len() < 4 && !beginning.iter().any(|known| known == one) {
                beginning.push(one.to_owned());
            }
        }
    }
    Ok(beginning)
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
            let noticed = when::in_words(noticed, &self.zone);
            writeln!(out, "Amends noticed it on {noticed}.")?;
        }
        let events = counted(self.proof.len() as u64, "event proves", "events prove");
        writeln!(out, "\n{}", paint(QUIET, format!("{events} it:")))?;
        self.proof
            .iter()
            .try_for_each(|id| writeln!(out, "{}", paint(QUIET, format!("  {id}"))))?;
        writeln!(out, "`amends explain EVENT` shows one")
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id, "state": self.state, "sentences": self.sentences, "events": self.proof,
            "noticed_at": self.noticed,
        })
    }
}
