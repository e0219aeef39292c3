//! `amends promises`: the register, whether or not there is data for a promise yet.

use std::collections::BTreeMap;
use std::io::{self, Write};

use amends_model::{Problem, Result, State};
use amends_project::definition::Promise;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::look::Glance;
use crate::terminal::number::whole;
use crate::terminal::paint::{CARE, QUIET, paint};
use crate::terminal::table::{Column, Table};
use crate::terminal::when;

/// Lists every promise of the register.
///
/// # Errors
/// Whatever keeps the ledger from being read. What keeps a promise from being measured is told of it.
pub(crate) async fn run(context: &Context) -> Result<Outcome> {
    let glance = match Glance::at(context).await {
        Ok(glance) => Some(glance),
        Err(problem) if problem.code() == "AM0017" => None,
        Err(problem) => return Err(problem),
    };
    let project = &context.project;
    let owner = |touchpoint: Option<&String>| {
        let touchpoint = project.touchpoints.get(touchpoint?)?;
        Some(touchpoint.owner.clone())
    };
    let mut items: Vec<Item> = Vec::new();
    // What cannot be measured now is told once, with what an earlier definition of it judged.
    let now = project.promises.values();
    for promise in now.filter(|one| !project.unmeasured.contains_key(&one.name)) {
        items.push(Item {
            promise: promise.name.clone(),
            says: promise.says.clone(),
            shape: Some(promise.shape.as_str()),
            made_by: promise.made_by.clone(),
            touchpoint: promise.touchpoint.clone(),
            owner: owner(promise.touchpoint.as_ref()),
            version: promise.version.clone(),
            stands: stands(context, glance.as_ref(), promise)?,
        });
    }
    for promise in project.unmeasured.values() {
        let earlier = project.promises.get(&promise.name);
        let earlier = earlier.map(|earlier| stands(context, glance.as_ref(), earlier));
        let judged = match earlier.transpose()? {
            Some(Stands::Counts(counts)) => Some(counts),
            _ => None,
        };
        items.push(Item {
            promise: promise.name.clone(),
            says: promise.says.clone(),
            shape: None,
            made_by: promise.made_by.clone(),
            touchpoint: promise.touchpoint.clone(),
            owner: owner(promise.touchpoint.as_ref()),
            version: promise.version.clone(),
            stands: Stands::Needs(promise.needs.clone(), judged),
        });
    }
    items.sort_by(|one, other| one.promise.cmp(&other.promise));
    let as_of = glance.map(|glance| (glance.as_of, glance.zone.clone()));
    Ok(Outcome::good(Register { items, as_of }))
}

/// How a promise stands, or what it needs before that can be said.
fn stands(context: &Context, glance: Option<&Glance>, promise: &Promise) -> Result<Stands> {
    let missing = amends_promises::missing_kinds(&context.project, promise);
    let needed: Vec<&str> = [&promise.opens, promise.awaits()]
        .into_iter()
        .map(|on| on.kind.as_str())
        .filter(|kind| missing.iter().any(|missing| missing == kind))
        .collect();
    if let Some(kind) = needed.first() {
        let needs = format!("a source that gives events of the kind {kind}");
        return Ok(Stands::Needs(needs, None));
    }
    let Some(glance) = glance else {
        return Ok(Stands::Needs("an import".into(), None));
    };
    let awaited = [&promise.opens, promise.awaits()];
    let absent = awaited
        .into_iter()
        .find(|on| !glance.snapshot.kinds().contains_key(&on.kind));
    if let Some(on) = absent {
        let needs = format!("an event of the kind {}", on.kind);
        return Ok(Stands::Needs(needs, None));
    }
    match glance.instances(context, promise) {
        Ok(kept) => Ok(Stands::Counts(kept.counts().clone())),
        Err(problem) if is_of_the_definition(&problem) => {
            let needs = format!("a definition that fits: {problem}");
            Ok(Stands::Needs(needs, None))
        }
        Err(problem) => Err(problem),
    }
}

fn is_of_the_definition(problem: &Problem) -> bool {
    let parts = ["AM02", "AM07"];
    parts.iter().any(|part| problem.code().starts_with(part)) && problem.code() != "AM0709"
}

enum Stands {
    Counts(BTreeMap<State, u64>),
    /// What it needs; and what an earlier definition of it judged, of what opened before.
    Needs(String, Option<BTreeMap<State, u64>>),
}

struct Item {
    promise: String,
    says: String,
    /// `None`: nothing is said yet of how it would be judged.
    shape: Option<&'static str>,
    made_by: String,
    touchpoint: Option<String>,
    owner: Option<String>,
    version: String,
    stands: Stands,
}

impl Item {
    fn json(&self) -> Value {
        let (counts, needs) = match &self.stands {
            Stands::Counts(counts) => (Some(counts), None),
            Stands::Needs(needs, judged) => (judged.as_ref(), Some(needs)),
        };
        let count = |state: State| counts.map(|counts| counts.get(&state).copied().unwrap_or(0));
        let states: serde_json::Map<String, Value> = State::ALL
            .into_iter()
            .map(|state| (state.as_str().to_owned(), json!(count(state))))
            .collect();
        json!({
            "promise": self.promise,
            "says": self.says,
            "shape": self.shape,
            "made_by": self.made_by,
            "touchpoint": self.touchpoint,
            "owner": self.owner,
            "version": self.version,
            "needs": needs,
            "exposed": counts.map(|counts| counts.values().sum::<u64>()),
            "states": states,
        })
    }
}

struct Register {
    items: Vec<Item>,
    as_of: Option<(Timestamp, TimeZone)>,
}

impl Answer for Register {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new(&[
            Column::name("promise"),
            Column::words("shape"),
            Column::words("owner"),
            Column::number("made"),
            Column::number("let down"),
            Column::name("version").goes(1),
        ]);
        for item in &self.items {
            let (made, let_down) = match &item.stands {
                Stands::Counts(counts) | Stands::Needs(_, Some(counts)) => {
                    let let_downs = counts.iter().filter(|(state, _)| state.is_let_down());
                    let let_downs: u64 = let_downs.map(|(_, count)| count).sum();
                    (whole(counts.values().sum::<u64>()), whole(let_downs))
                }
                Stands::Needs(_, None) => ("-".into(), "-".into()),
            };
            table.row([
                item.promise.clone(),
                item.shape.unwrap_or("-").into(),
                item.owner.clone().unwrap_or_else(|| "-".into()),
                made,
                let_down,
                item.version.clone(),
            ]);
        }
        table.write(out)?;
        for item in &self.items {
            if let Stands::Needs(needs, judged) = &item.stands {
                let not = paint(CARE, "not measurable");
                let before = match judged {
                    None => "",
                    Some(_) => {
                        "; what is counted opened before, and an earlier definition judges it"
                    }
                };
                writeln!(out, "{} is {not}: it needs {needs}{before}", item.promise)?;
            }
        }
        let as_of = self
            .as_of
            .as_ref()
            .map(|(as_of, zone)| format!("as of {}; ", when::moment(*as_of, zone)));
        let note = format!(
            "{}`amends letdowns --promise ID` lists who was let down",
            as_of.unwrap_or_default()
        );
        writeln!(out, "\n{}", paint(QUIET, note))
    }

    fn json(&self) -> Value {
        json!({
            "as_of": self.as_of.as_ref().map(|(as_of, _)| as_of),
            "total": self.items.len(),
            "items": self.items.iter().map(Item::json).collect::<Vec<_>>(),
        })
    }
}
