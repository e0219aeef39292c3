//! `amends fracture`: one place in which a promise keeps breaking, and what is decided about it.

mod looking;

use std::io::{self, Write};

use amends_fractures::life::{self, Decision};
use amends_fractures::{Decided, Fracture, State, Trend};
use amends_model::{EventId, Problem, Result, time};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::fractures::{item, read};
use crate::answer::{Answer, Outcome};
use crate::arguments::{DecidedBy, FractureAction};
use crate::context::Context;
use crate::look::Look;
use crate::surroundings;
use crate::terminal::number::{counted, percent, whole};
use crate::terminal::paint::{BAD, GOOD, HEADING, QUIET, paint};
use crate::terminal::prose;
use crate::terminal::when;

/// Shows one, or decides about it.
///
/// # Errors
/// `AM1003` when there is no such fracture; `AM1004` when it cannot be decided; `AM0004` when a day cannot be read.
pub(crate) async fn run(context: &Context, action: FractureAction) -> Result<Outcome> {
    let now = surroundings::now();
    let (decision, decided) = match action {
        FractureAction::Show { id } => return show(context, &id).await,
        FractureAction::Look => return looking::keep(context, now).await,
        FractureAction::Own { decided, owner } => {
            let owner = owner.unwrap_or_else(|| decided.by.clone());
            (Decision::Own { owner }, decided)
        }
        FractureAction::Mend(decided) => (Decision::Mend, decided),
        FractureAction::Mended { decided, on } => {
            let from = match on {
                Some(day) => first_instant(&day, &context.project.company.zone)?,
                None => now,
            };
            (Decision::Mended { from }, decided)
        }
        FractureAction::Accept(decided) => (Decision::Accept, decided),
        FractureAction::Dismiss(decided) => (Decision::Dismiss, decided),
        FractureAction::Note(decided) => (Decision::Note, decided),
    };
    decide(context, decision, &decided, now).await
}

fn first_instant(day: &str, zone: &TimeZone) -> Result<Timestamp> {
    let day = day.parse().map_err(|_| {
        Problem::new("AM0004", "this is not a day")
            .detail(format!("{day:?}"))
            .hint("write it as 2026-05-01")
    })?;
    time::start_of_day(day, zone)
}

async fn decide(
    context: &Context,
    decision: Decision,
    decided: &DecidedBy,
    at: Timestamp,
) -> Result<Outcome> {
    let writer = context.writer(&surroundings::holder("fracture")).await?;
    let look = Look::at(context).await?;
    let all = read(context, &look, None).await?;
    let fracture = all.find(&decided.id)?;
    let by = (decided.by.as_str(), decided.why.as_deref());
    let event = life::decide(&writer, fracture, &decision, by, (at, look.as_of)).await?;
    drop(writer);
    let look = Look::at(context).await?;
    let all = read(context, &look, None).await?;
    Ok(Outcome::good(Changed {
        fracture: all.find(&fracture.id)?.clone(),
        event,
    }))
}

struct Changed {
    fracture: Fracture,
    event: EventId,
}

impl Answer for Changed {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let fracture = &self.fracture;
        writeln!(
            out,
            "{} {}: {}  {}",
            paint(GOOD, &fracture.id),
            fracture.state.as_str(),
            fracture.place,
            paint(QUIET, format!("decision {}", self.event))
        )
    }

    fn json(&self) -> Value {
        json!({
            "id": self.fracture.id,
            "state": self.fracture.state.as_str(),
            "owner": self.fracture.owner,
            "event": self.event,
        })
    }
}

async fn show(context: &Context, id: &str) -> Result<Outcome> {
    let look = Look::at(context).await?;
    let all = read(context, &look, None).await?;
    let fracture = all.find(id)?.clone();
    let promise = context.project.promises.get(&fracture.promise);
    let says = promise.map(|promise| promise.says.clone());
    Ok(Outcome::good(One {
        says: says.unwrap_or_else(|| "it is not made any more".into()),
        fracture,
        as_of: look.as_of,
        zone: look.zone.clone(),
    }))
}

struct One {
    says: String,
    fracture: Fracture,
    as_of: Timestamp,
    zone: TimeZone,
}

impl One {
    fn day(&self, moment: Timestamp) -> String {
        when::day(moment, &self.zone)
    }

    /// How often it breaks there, and elsewhere.
    fn rates(&self) -> String {
        let fracture = &self.fracture;
        let (let_downs, instances) = (whole(fracture.let_downs), whole(fracture.instances));
        let here = format!(
            "Broken {let_downs} of {} ({})",
            counted_word(&instances),
            percent(fracture.rate())
        );
        let Some(elsewhere) = fracture.elsewhere else {
            return format!("{here}; nowhere more than elsewhere.");
        };
        let interval = elsewhere.difference.interval;
        let points = |share: f64| format!("{:.1}", share * 100.0);
        format!(
            "{here}; elsewhere {} of {} ({}). That is {} points more ({} to {} in 95 of 100 such samples).",
            whole(elsewhere.let_downs),
            whole(elsewhere.instances),
            percent(fracture.rate_elsewhere().unwrap_or_default()),
            points(elsewhere.difference.value),
            points(interval.low),
            points(interval.high),
        )
    }

    /// What is known of it.
    fn facts(&self) -> Vec<String> {
        match self.fracture.is_looked_for {
            true => {
                let known = [self.rates(), self.people(), self.times()];
                known.into_iter().chain(self.looks()).collect()
            }
            false => vec![format!("{}.", self.fracture.reason())],
        }
    }

    /// What looks say of it.
    fn looks(&self) -> Option<String> {
        let fracture = &self.fracture;
        if fracture.is_back && fracture.state == State::Mended {
            return Some("It breaks again: once two looks in a row have seen that (`amends fracture look`), it is told as regressed.".into());
        }
        match fracture.looks {
            0 => None,
            1 => Some("The last look saw it, and none directly before.".into()),
            looks => Some(format!("The last {} looks saw it.", whole(looks))),
        }
    }

    fn people(&self) -> String {
        let fracture = &self.fracture;
        let people = counted(fracture.people.len() as u64, "person was", "people were");
        let [one, two, three] = fracture.serious.map(whole);
        let heard = match fracture.silent {
            Some(silent) => {
                let unheard = fracture.unheard();
                let spoke = fracture.people.len() as u64 - silent - unheard;
                let known = format!("{} spoke up, {} said nothing", whole(spoke), whole(silent));
                match unheard {
                    0 => known,
                    _ => format!("{known}, of {} it is not known yet", whole(unheard)),
                }
            }
            None => "how many said nothing is unknown: no source of complaints is connected, or none has reported so far".into(),
        };
        format!(
            "{people} let down there: {heard}. Let-downs by seriousness: {one} of 1, {two} of 2, {three} of 3."
        )
    }

    fn times(&self) -> String {
        let fracture = &self.fracture;
        let [(now, broken), (then, broken_then)] = fracture.lately;
        let stretch =
            |instances, let_downs| format!("{} of {}", whole(let_downs), whole(instances));
        let trend = match fracture.trend {
            Trend::Worse => "It is getting worse",
            Trend::Better => "It is getting better",
            Trend::Steady => "It goes on much as before",
            Trend::New => "There is nothing before to compare with",
            Trend::Quiet => "Nothing has come due there of late",
        };
        let (Some(first), Some(last)) = (fracture.first_seen, fracture.last_seen) else {
            return "Nobody was let down there, as far as is known.".into();
        };
        let formerly = fracture.formerly.as_ref();
        let formerly = formerly.map(|place| {
            format!("The last look saw it as {place}; at least half of those harmed are the same. ")
        });
        format!(
            "{}First seen {}, last seen {}. {trend}: {} in the last thirteen weeks, {} in the thirteen before.",
            formerly.unwrap_or_default(),
            self.day(first),
            self.day(last),
            stretch(now, broken),
            stretch(then, broken_then),
        )
    }

    /// Where to look first.
    fn causes(&self) -> Vec<String> {
        let fracture = &self.fracture;
        let value = |value: &str| {
            if value.is_empty() {
                "(none)".to_owned()
            } else {
                value.to_owned()
            }
        };
        let mut causes = Vec::new();
        if let (Some((instances, let_downs)), Some(since)) = (fracture.before, fracture.place.since)
        {
            causes.push(match instances {
                0 => format!("Nothing was promised there before {since}."),
                _ => format!(
                    "Before {since} it broke {} of {} there.",
                    whole(let_downs),
                    counted_word(&whole(instances)),
                ),
            });
        }
        for change in &fracture.changes {
            causes.push(format!(
                "Since then {} {} is {} of what is promised there; before it was {}.",
                change.part.attribute,
                value(&change.part.value),
                percent(change.since),
                percent(change.before),
            ));
        }
        for one in &fracture.traits {
            causes.push(format!(
                "Within it, worst with {} {}: {} of {} broken, against {} without.",
                one.part.attribute,
                value(&one.part.value),
                whole(one.let_downs),
                whole(one.instances),
                percent(one.rate_without),
            ));
        }
        causes
    }

    fn decision(&self, decided: &Decided) -> String {
        let what = match &decided.decision {
            Decision::Own { owner } => format!("belongs to {owner}"),
            Decision::Mend => "is being mended".into(),
            Decision::Mended { from } => format!("mended from {} on", self.day(*from)),
            Decision::Accept => "accepted".into(),
            Decision::Dismiss => "dismissed".into(),
            Decision::Note => "note".into(),
        };
        let why = decided.why.iter().map(|why| format!(": {why}"));
        format!(
            "{}  {what}, by {}{}",
            self.day(decided.at),
            decided.by,
            why.collect::<String>()
        )
    }
}

fn owner(decision: &Decision) -> Option<&str> {
    match decision {
        Decision::Own { owner } => Some(owner),
        _ => None,
    }
}

fn from(decision: &Decision) -> Option<Timestamp> {
    match decision {
        Decision::Mended { from } => Some(*from),
        _ => None,
    }
}

fn counted_word(number: &str) -> String {
    format!("{number} {}", if number == "1" { "time" } else { "times" })
}

impl Answer for One {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let fracture = &self.fracture;
        let owner = fracture.owner.as_deref().unwrap_or("nobody");
        writeln!(
            out,
            "{}  {}",
            paint(HEADING, &fracture.id),
            paint(BAD, &fracture.place)
        )?;
        let plain = anstyle::Style::new();
        prose::write(
            out,
            0,
            plain,
            &format!("{}: {}", fracture.promise, self.says),
        )?;
        let state = format!(
            "{}; belongs to {owner}; as of {}",
            fracture.state.as_str(),
            when::moment(self.as_of, &self.zone)
        );
        prose::write(out, 0, QUIET, &state)?;
        writeln!(out)?;
        for text in self.facts() {
            prose::write(out, 0, plain, &text)?;
        }
        let causes = self.causes();
        if !causes.is_empty() {
            writeln!(out, "\n{}", paint(HEADING, "Where to look first"))?;
            causes
                .iter()
                .try_for_each(|cause| prose::write(out, 2, plain, cause))?;
        }
        if !fracture.standing.history.is_empty() {
            writeln!(out, "\n{}", paint(HEADING, "What was decided"))?;
            for decided in &fracture.standing.history {
                prose::write(out, 2, plain, &self.decision(decided))?;
            }
        }
        writeln!(out)?;
        let chance = fracture
            .false_discovery
            .map(|share| format!("; of places as striking as this at most {share:.1e} are chance"));
        let order = format!(
            "In the list by: {}{}.",
            fracture.reason(),
            chance.unwrap_or_default()
        );
        prose::write(out, 0, QUIET, &order)?;
        writeln!(
            out,
            "`amends people fracture.{}` lists all {}",
            fracture.id,
            whole(fracture.people.len() as u64)
        )
    }

    fn json(&self) -> Value {
        let fracture = &self.fracture;
        let mut object = item(fracture);
        object["says"] = json!(self.says);
        object["as_of"] = json!(self.as_of);
        object["by_seriousness"] = json!(fracture.serious);
        let [now, then] = fracture.lately.map(
            |(instances, let_downs)| json!({ "instances": instances, "let_downs": let_downs }),
        );
        object["lately"] = now;
        object["before_that"] = then;
        if let Some((instances, let_downs)) = fracture.before {
            object["before_since"] = json!({ "instances": instances, "let_downs": let_downs });
        }
        let traits = fracture.traits.iter().map(|one| {
            json!({
                "attribute": one.part.attribute,
                "value": one.part.value,
                "instances": one.instances,
                "let_downs": one.let_downs,
                "rate_without": one.rate_without,
            })
        });
        object["traits"] = traits.collect();
        let changes = fracture.changes.iter().map(|one| {
            json!({
                "attribute": one.part.attribute,
                "value": one.part.value,
                "share_before": one.before,
                "share_since": one.since,
            })
        });
        object["changes"] = changes.collect();
        let history = fracture.standing.history.iter().map(|one| {
            json!({
                "event": one.event,
                "at": one.at,
                "kind": one.decision.kind(),
                "by": one.by,
                "why": one.why,
                "owner": owner(&one.decision),
                "from": from(&one.decision),
            })
        });
        object["history"] = history.collect();
        object
    }
}
