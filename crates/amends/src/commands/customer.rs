//! `amends customer`: what happened to one customer, in order of time.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use amends_figures::story::{Change, Moment, Story, What, story};
use amends_model::event::{self, column};
use amends_model::{EventId, IdentifierId, Problem, RecordKey, Result};
use amends_project::Project;
use arrow::array::{Array, FixedSizeBinaryArray};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::look::Look;
use crate::terminal::number::{counted, money, one};
use crate::terminal::paint::{BAD, CARE, GOOD, HEADING, QUIET, paint};
use crate::terminal::table::plain;
use crate::terminal::{prose, when};
use crate::who;

/// Tells the story of a customer, or of somebody who was let down badly.
///
/// # Errors
/// `AM0016` when nobody is known by this name, or nobody was let down.
pub(crate) async fn run(context: &Context, named: Option<&str>, reveal: bool) -> Result<Outcome> {
    let (look, identifier) = match named {
        Some(named) => who::look_at(context, named).await?,
        None => {
            let look = Look::at(context).await?;
            let someone = someone(context, &look)?;
            (look, someone)
        }
    };
    let story = story(&look.session_of(context, identifier).await?, identifier).await?;
    let revealed = if reveal {
        Revealed::read(context, &look, &story).await?
    } else {
        Revealed::default()
    };
    let mut erased = context.vault.erased().await?;
    erased.retain(|id, _| {
        story
            .identifiers
            .iter()
            .any(|named| named.identifier == *id)
    });
    Ok(Outcome::good(Told {
        story,
        revealed,
        erased,
        zone: look.zone.clone(),
        project: Arc::clone(&context.project),
    }))
}

/// Whoever was let down most seriously and most often; of several the one with the smallest key of what it was about,
/// so that the same data shows the same person.
fn someone(context: &Context, look: &Look) -> Result<IdentifierId> {
    let mut harmed: HashMap<IdentifierId, (u64, String, IdentifierId)> = HashMap::new();
    for promise in context.project.promises.values() {
        for instance in look.instances(context, promise)?.let_downs()? {
            let instance = instance?;
            let weight = u64::from(instance.serious).pow(2);
            let one = harmed
                .entry(look.people.customer(instance.identifier))
                .or_insert((0, instance.about.clone(), instance.identifier));
            one.0 += weight;
            if instance.about < one.1 {
                one.1 = instance.about;
            }
        }
    }
    let worst = harmed
        .into_values()
        .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
    worst.map(|(_, _, identifier)| identifier).ok_or_else(|| {
        Problem::new("AM0016", "nobody was let down")
            .hint("name a customer: `amends people new` lists some")
    })
}

/// What the vault says about a story, where the user asked for it.
#[derive(Default)]
struct Revealed {
    names: HashMap<IdentifierId, String>,
    texts: HashMap<EventId, String>,
}

impl Revealed {
    async fn read(context: &Context, look: &Look, story: &Story) -> Result<Self> {
        let ids: Vec<IdentifierId> = story
            .identifiers
            .iter()
            .map(|named| named.identifier)
            .collect();
        let events: Vec<EventId> = story.moments.iter().filter_map(event_of).collect();
        let mut records: HashMap<EventId, RecordKey> = HashMap::new();
        for batch in look.snapshot.events(&events)? {
            let column = |name| {
                batch
                    .column_by_name(name)
                    .and_then(|column| column.as_any().downcast_ref())
            };
            let (Some(ids), Some(keys)): (
                Option<&FixedSizeBinaryArray>,
                Option<&FixedSizeBinaryArray>,
            ) = (column(event::column::ID), column(event::column::KEY)) else {
                continue;
            };
            for row in 0..batch.num_rows() {
                let pair =
                    EventId::from_slice(ids.value(row)).zip(RecordKey::from_slice(keys.value(row)));
                records.extend(pair);
            }
        }
        let keys: Vec<RecordKey> = records.values().copied().collect();
        let personal = context.vault.personal(&keys).await?;
        let texts = records
            .into_iter()
            .filter_map(|(event, key)| Some((event, personal.get(&key)?.clone())));
        Ok(Self {
            names: context.vault.names(&ids).await?,
            texts: texts.collect(),
        })
    }
}

fn event_of(moment: &Moment) -> Option<EventId> {
    match &moment.what {
        // A change has no text of its own: that of its record is shown where that happened.
        What::Event { id, .. } => Some(*id),
        _ => None,
    }
}

struct Told {
    story: Story,
    revealed: Revealed,
    /// Identifiers of theirs that were erased, and when.
    erased: HashMap<IdentifierId, Timestamp>,
    zone: TimeZone,
    project: Arc<Project>,
}

impl Answer for Told {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let story = &self.story;
        let company = self.word();
        let is = match story.is_customer {
            Some(true) => format!("{} today", one(company)),
            Some(false) if story.was_customer() => format!("no {company} any more"),
            Some(false) => format!("never {}", one(company)),
            None => String::new(),
        };
        let let_down = counted(story.let_downs, "let-down", "let-downs");
        let style = if story.let_downs > 0 { BAD } else { GOOD };
        writeln!(
            out,
            "{} {}  {}  {}",
            paint(HEADING, "Customer"),
            story.customer,
            paint(style, let_down),
            paint(QUIET, is)
        )?;
        for named in &story.identifiers {
            let name = self
                .revealed
                .names
                .get(&named.identifier)
                .map(|name| plain(name));
            let name = name.unwrap_or_else(|| named.identifier.to_string());
            let erased = self.erased.get(&named.identifier);
            let erased = erased.map(|at| format!("  erased {}", when::day(*at, &self.zone)));
            let erased = paint(CARE, erased.unwrap_or_default());
            writeln!(out, "  known as {} {name}{erased}", named.namespace)?;
        }
        writeln!(out)?;
        story
            .moments
            .iter()
            .try_for_each(|moment| self.moment(out, moment))?;
        if self.revealed.names.is_empty() {
            writeln!(
                out,
                "\n{}",
                paint(
                    QUIET,
                    "names and texts stay in the vault; --reveal shows them"
                )
            )?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let mut object = serde_json::to_value(&self.story).unwrap_or_default();
        object["erased"] = json!(self.erased);
        if !self.revealed.names.is_empty() {
            object["names"] = json!(self.revealed.names);
            object["texts"] = json!(self.revealed.texts);
        }
        object
    }
}

impl Told {
    /// Who told of a change, and since when it may have been so.
    fn between(&self, source: &str, change: &Change) -> String {
        match change.not_before {
            Some(moment) => format!(
                "{source}, some time since {}",
                when::moment(moment, &self.zone)
            ),
            None => source.to_owned(),
        }
    }

    /// The company's word for one of its customers.
    fn word(&self) -> &str {
        &self.project.company.customer_word
    }

    fn moment(&self, out: &mut dyn Write, moment: &Moment) -> io::Result<()> {
        let at = moment
            .at
            .map_or_else(|| " ".repeat(16), |at| when::moment(at, &self.zone));
        let line = match &moment.what {
            What::Event {
                kind,
                source,
                about,
                amount,
                ..
            } => {
                let about = about
                    .as_ref()
                    .map(|about| format!(" {}", plain(about)))
                    .unwrap_or_default();
                let amount = amount
                    .as_ref()
                    .map(|(minor, code)| format!("  {}", money(*minor, code.as_deref())))
                    .unwrap_or_default();
                format!(
                    "{}{about}{amount}  {}",
                    kind.replace('_', " "),
                    paint(QUIET, source)
                )
            }
            What::Changed {
                kind,
                source,
                about,
                amount,
                change,
                ..
            } => {
                let currency = amount.as_ref().and_then(|(_, currency)| currency.clone());
                let about = about.iter().map(|about| format!(" {}", plain(about)));
                format!(
                    "{}{} {}{}  {}",
                    kind.replace('_', " "),
                    about.collect::<String>(),
                    paint(CARE, "changed: "),
                    changed(change, currency.as_ref()),
                    paint(QUIET, self.between(source, change))
                )
            }
            What::Joined { returned: false } => paint(GOOD, format!("became {}", one(self.word()))),
            What::Joined { returned: true } => {
                paint(GOOD, format!("became {} again", one(self.word())))
            }
            What::Lost { why } => paint(BAD, format!("lost: {}", plain(why))),
            What::LetDown {
                promise,
                about,
                state,
                due_at,
                serious,
            } => {
                let due = due_at.map(|due| match self.project.promises.get(promise) {
                    Some(promise) => format!(", due {}", when::due(due, promise, &self.zone)),
                    None => format!(", due {}", when::moment(due, &self.zone)),
                });
                let due = due.unwrap_or_default();
                let words = format!("LET DOWN by {promise} ({state}{due}, seriousness {serious})");
                format!("{}  {}", paint(BAD, words), paint(QUIET, plain(about)))
            }
            What::Beaten { promise, .. } => paint(CARE, format!("more than promised: {promise}")),
        };
        prose::beside(out, &format!("{}  ", paint(QUIET, at)), &line)?;
        match event_of(moment).and_then(|id| self.revealed.texts.get(&id)) {
            Some(text) => prose::beside(out, &" ".repeat(18), &paint(QUIET, plain(text))),
            None => Ok(()),
        }
    }
}

/// What changed, property by property.
fn changed(change: &Change, currency: Option<&String>) -> String {
    let currency_was = change.was.get(column::CURRENCY);
    let currency_was = currency_was.map_or(currency, Option::as_ref);
    let say = |name: &str, value: Option<&Option<String>>, currency: Option<&String>| {
        let minor = value.and_then(|value| value.as_ref()?.parse().ok());
        match (value.and_then(Option::as_deref), minor) {
            (_, Some(minor)) if name == column::AMOUNT => {
                money(minor, currency.map(String::as_str))
            }
            (Some(value), _) => plain(value),
            (None, _) => "nothing".to_owned(),
        }
    };
    let each = change.became.iter().map(|(name, became)| {
        let was = say(name, change.was.get(name), currency_was);
        let became = say(name, Some(became), currency);
        format!("{} {was} → {became}", plain(name))
    });
    each.collect::<Vec<_>>().join(", ")
}
