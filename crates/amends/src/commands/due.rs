//! `amends due`: what is about to break, and how likely it is to.

use std::collections::BTreeMap;
use std::io::{self, Write};

use amends_fractures::hazard::{Apart, Hazard, Held, Known, Proof, Risk};
use amends_model::wait::Wait;
use amends_model::{Result, State, time};
use amends_project::definition::Promise;
use amends_promises::Instance;
use amends_query::Session;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::fractures;
use crate::answer::{Answer, Outcome};
use crate::arguments;
use crate::context::Context;
use crate::look::Look;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{CARE, GOOD, HEADING, QUIET, paint};
use crate::terminal::table::{Column, Table};
use crate::terminal::{prose, when};

/// Lists the open promises that are due within a wait: those in live fractures first, then the likeliest to be broken, then the next.
///
/// # Errors
/// `AM0008` when the wait cannot be read; `AM0014` when there is no such promise.
pub(crate) async fn run(context: &Context, asked: &arguments::Due) -> Result<Outcome> {
    let within = Wait::parse(&asked.within)?;
    let look = Look::at(context).await?;
    let until = within.after(look.as_of, &context.project.calendars["default"])?;
    let promises = match asked.promise.as_deref() {
        Some(name) => vec![look.promise(context, name)?],
        None => context.project.promises.values().collect(),
    };
    let (mut items, mut known) = (Vec::new(), BTreeMap::new());
    let mut session = None;
    // What must not happen has no time at which it is due.
    let due = |promise: &&Promise| promise.shape.is_due();
    for promise in promises.into_iter().filter(due) {
        let open = look.instances(context, promise)?;
        let open = open.in_states(|state| state == State::Open)?;
        let open: Vec<Instance> = open.collect::<Result<_>>()?;
        let open = amends_promises::due(open, look.as_of, until);
        if open.is_empty() {
            continue;
        }
        let session = match &session {
            Some(session) => session,
            None => session.insert(look.session(context).await?),
        };
        let hazard = hazard(context, &look, session, promise).await?;
        for instance in open {
            items.push(Item {
                due: when::due(instance.due_at, promise, &look.zone),
                promise: promise.name.clone(),
                customer: look.people.customer(instance.identifier).to_string(),
                risk: hazard
                    .as_ref()
                    .ok()
                    .and_then(|hazard| hazard.risks.get(&instance.about))
                    .cloned(),
                instance,
            });
        }
        known.insert(promise.name.clone(), hazard.map(|hazard| hazard.proof));
    }
    let unknown = items.iter().filter(|item| item.chance().is_none()).count();
    if let Some(least) = asked.likely {
        items.retain(|item| item.chance().is_some_and(|chance| 100.0 * chance >= least));
    }
    items.sort_by(Item::compare);
    Ok(Outcome::good(Due {
        items,
        known,
        unknown: if asked.likely.is_some() { unknown } else { 0 },
        as_of: look.as_of,
        until,
        zone: look.zone.clone(),
        limit: asked.limit,
    }))
}

/// How likely what is open of a promise is to be broken; or why that is not told.
async fn hazard(
    context: &Context,
    look: &Look,
    session: &Session,
    promise: &Promise,
) -> Result<Result<Hazard, String>> {
    let found = fractures::read_in(context, look, session, Some(&promise.name)).await?;
    amends_fractures::hazard::hazard(session, promise, &found.fractures).await
}

struct Item {
    promise: String,
    /// When, in words.
    due: String,
    instance: Instance,
    customer: String,
    risk: Option<Risk>,
}

impl Item {
    fn chance(&self) -> Option<f64> {
        self.risk.as_ref()?.chance
    }

    fn fracture(&self) -> Option<&str> {
        self.risk.as_ref()?.fracture.as_deref()
    }

    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let inside = other.fracture().is_some().cmp(&self.fracture().is_some());
        let chance = |item: &Self| item.chance().unwrap_or_default();
        let when = |item: &Self| (item.instance.due_at, item.instance.about.clone());
        inside
            .then(chance(other).total_cmp(&chance(self)))
            .then_with(|| when(self).cmp(&when(other)))
    }
}

struct Due {
    items: Vec<Item>,
    /// How the chances of each promise are known; or why they are not.
    known: BTreeMap<String, Result<Proof, String>>,
    /// How many are left out because no chance can be told of them.
    unknown: usize,
    as_of: Timestamp,
    until: Timestamp,
    zone: TimeZone,
    limit: usize,
}

impl Due {
    /// How the chances of each promise are known.
    fn show_known(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.unknown > 0 {
            let unknown = counted(
                self.unknown as u64,
                "other is due, of which",
                "others are due, of which",
            );
            prose::write(out, 0, CARE, &format!("{unknown} no chance can be told"))?;
        }
        self.known.iter().try_for_each(|(promise, known)| {
            let told = told(known, &self.zone);
            prose::write(out, 0, QUIET, &format!("{promise}: {told}"))
        })
    }
}

impl Answer for Due {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let (from, until) = (
            when::moment(self.as_of, &self.zone),
            when::moment(self.until, &self.zone),
        );
        if self.items.is_empty() {
            let nothing = match self.known.is_empty() {
                true => paint(GOOD, "Nothing"),
                false => paint(GOOD, "Nothing that is known to be so likely to be broken"),
            };
            writeln!(out, "{nothing} is due between {from} and {until}")?;
            return self.show_known(out);
        }
        let promises = counted(
            self.items.len() as u64,
            "open promise is",
            "open promises are",
        );
        writeln!(
            out,
            "{} due between {from} and {until}\n",
            paint(HEADING, promises)
        )?;
        let mut table = Table::new(&[
            Column::words("due").goes(1),
            Column::words("in"),
            Column::name("promise"),
            Column::name("about"),
            Column::name("customer").goes(3),
            Column::number("likely"),
            Column::number("like it").goes(2),
            Column::name("fracture"),
        ]);
        for item in self.items.iter().take(self.limit) {
            let like = item.risk.as_ref().map(|risk| risk.like);
            table.row([
                item.due.clone(),
                when::short(self.as_of.duration_until(item.instance.due_at)),
                item.promise.clone(),
                item.instance.about.clone(),
                item.customer.chars().take(12).collect(),
                item.chance().map(likely).unwrap_or_default(),
                like.map(|(open, let_down)| format!("{} of {}", whole(let_down), whole(open)))
                    .unwrap_or_default(),
                item.fracture().unwrap_or_default().to_owned(),
            ]);
        }
        table.write(out)?;
        let (shown, all) = (self.items.len().min(self.limit), self.items.len());
        if shown < all {
            let note = format!(
                "{} of {}; --limit shows more",
                whole(shown as u64),
                whole(all as u64)
            );
            writeln!(out, "{}", paint(QUIET, note))?;
        }
        writeln!(out)?;
        let what = "likely: to be broken. like it: let-downs among those that were open as long, in the same fracture, or in none.";
        prose::write(out, 0, QUIET, what)?;
        self.show_known(out)
    }

    fn json(&self) -> Value {
        let items = self.items.iter().map(|item| {
            let like = item.risk.as_ref().map(|risk| risk.like);
            json!({
                "promise": item.promise,
                "about": item.instance.about,
                "customer": item.customer,
                "opened_at": item.instance.opened_at,
                "due_at": item.instance.due_at,
                "likely": item.chance(),
                "like_it": like.map(|(open, _)| open),
                "like_it_let_down": like.map(|(_, let_down)| let_down),
                "fracture": item.fracture(),
            })
        });
        let items: Vec<Value> = items.collect();
        let known = self
            .known
            .iter()
            .map(|(promise, known)| of_promise(promise, known));
        json!({
            "as_of": self.as_of, "until": self.until, "total": self.items.len(), "items": items,
            "promises": known.collect::<Vec<_>>(),
        })
    }
}

/// A chance in whole percent: it is known no better.
fn likely(chance: f64) -> String {
    match chance {
        under if under > 0.0 && under < 0.01 => "< 1 %".to_owned(),
        over if over > 0.99 && over < 1.0 => "> 99 %".to_owned(),
        chance => format!("{:.0} %", 100.0 * chance),
    }
}

/// How chances are known, in a sentence.
fn told(known: &Result<Proof, String>, zone: &TimeZone) -> String {
    let proof = match known {
        Ok(proof) => proof,
        Err(reason) => return format!("no chance is told, since {reason}."),
    };
    let (due, let_downs) = (
        whole(proof.came_due),
        counted(proof.let_downs, "let-down", "let-downs"),
    );
    let from = format!("from {due} that came due, with {let_downs}");
    let by = match proof.known {
        Known::TooFew => {
            return format!(
                "{from}: too little to learn from and to hold against. The share of those like it is told, once 20 were open as long."
            );
        }
        Known::NoBetter => format!("{from}: the share of those like it{}.", why(proof, zone)),
        Known::Learnt => format!(
            "learnt {from}, by attributes and fractures{}.",
            why(proof, zone)
        ),
    };
    let held = proof.held.map(|held| {
        let slope = held.calibration.map(|calibration| {
            let interval = calibration.slope_interval;
            format!(
                ", calibration slope {:.2} (95 %: {:.2} to {:.2}; 1 is right)",
                calibration.slope, interval.low, interval.high
            )
        });
        format!(
            " Held against {} of the last quarter that were still open, by what the first three quarters tell: {:.1} let-downs expected, {} came{}.{}",
            whole(held.cases),
            held.expected,
            whole(held.came),
            slope.unwrap_or_default(),
            apart(&held),
        )
    });
    format!("{by}{}", held.unwrap_or_default())
}

/// Why what is learnt is told, or is not: how much nearer it was to what came than the share.
fn why(proof: &Proof, zone: &TimeZone) -> String {
    let Some(gain) = proof.gain else {
        return ", since nothing could be learnt from attributes".into();
    };
    let interval = gain.interval;
    let parts = [gain.value, interval.low, interval.high].map(|part| 100.0 * part);
    let nearer = format!(
        "{:.1} % nearer to what came (95 %: {:.1} to {:.1})",
        parts[0], parts[1], parts[2]
    );
    let weighed = time::from_micros(proof.weighed).map(|at| when::day(at, zone));
    let weighed = weighed.map(|day| format!(", as weighed on {day}"));
    let weighed = weighed.unwrap_or_default();
    let is_learnt = proof.known == Known::Learnt;
    match (gain.value > 0.0, interval.low > 0.0) {
        (false, _) => {
            format!(", which was nearer to what came than what attributes teach{weighed}")
        }
        (true, false) if is_learnt => {
            format!(", as before: still {nearer} than the share of those like it{weighed}")
        }
        (true, _) if is_learnt => {
            format!(", which was {nearer} than the share of those like it{weighed}")
        }
        _ => format!(", as before: what attributes teach was {nearer}, which is not sure{weighed}"),
    }
}

/// How many came for each that was expected, of those in fractures and of the others.
fn apart(held: &Held) -> String {
    let ratio = |apart: &Apart| {
        let ratio = apart.ratio().map(|ratio| format!("{ratio:.2} times"));
        ratio.unwrap_or_else(|| "none of".into())
    };
    match (held.inside.cases, held.outside.cases) {
        (0, _) | (_, 0) => String::new(),
        (inside, outside) => format!(
            " Of {} in a fracture that was known then {} as many were let down as expected, of {} outside {}.",
            whole(inside),
            ratio(&held.inside),
            whole(outside),
            ratio(&held.outside),
        ),
    }
}

fn of_promise(promise: &str, known: &Result<Proof, String>) -> Value {
    let proof = known.as_ref().ok();
    let held = proof.and_then(|proof| proof.held);
    let slope = held.and_then(|held| held.calibration);
    let gain = proof.and_then(|proof| proof.gain);
    json!({
        "promise": promise,
        "reason": known.as_ref().err(),
        "came_due": proof.map(|proof| proof.came_due),
        "let_downs": proof.map(|proof| proof.let_downs),
        "is_learnt": proof.map(|proof| proof.known == Known::Learnt),
        "held_against": held.map(|held| held.cases),
        "expected": held.map(|held| held.expected),
        "let_down_of_these": held.map(|held| held.came),
        "inside": held.map(|held| part(&held.inside)),
        "outside": held.map(|held| part(&held.outside)),
        "slope": slope.map(|slope| slope.slope),
        "slope_low": slope.map(|slope| slope.slope_interval.low),
        "slope_high": slope.map(|slope| slope.slope_interval.high),
        "brier": held.map(|held| held.brier),
        "brier_of_share": proof.and_then(|proof| proof.brier_of_share),
        "gain": gain.map(|gain| gain.value),
        "gain_low": gain.map(|gain| gain.interval.low),
        "gain_high": gain.map(|gain| gain.interval.high),
        "weighed": proof.and_then(|proof| time::from_micros(proof.weighed).ok()),
    })
}

fn part(apart: &Apart) -> Value {
    json!({
        "held_against": apart.cases,
        "expected": apart.expected,
        "let_down": apart.came,
        "observed_to_expected": apart.ratio(),
    })
}
