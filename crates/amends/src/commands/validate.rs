//! `amends validate`: whether promises name those who complain before they do.

use std::io::{self, Write};

use amends_figures::validate::silent::WATCHED_DAYS;
use amends_figures::validate::{
    Asked, Behind, Frontier, Interval, Measured, Outcome as After, Scored, Share, Silent, Unit,
    Validation, Window, bounds, validate,
};
use amends_model::{Result, time};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::Validate;
use crate::context::Context;
use crate::look::Look;
use crate::terminal::number::{percent, whole};
use crate::terminal::paint::{CARE, HEADING, QUIET, paint};
use crate::terminal::prose;
use crate::terminal::table::{Column, Table};
use crate::terminal::when;

/// Lays what promises name beside what customers said.
///
/// # Errors
/// `AM0007` when a day or period cannot be read; `AM0014` when there is no such promise; `AM0812` when no source of complaints is connected.
pub(crate) async fn run(context: &Context, asked: &Validate) -> Result<Outcome> {
    let look = Look::at(context).await?;
    if let Some(name) = &asked.promise {
        look.promise(context, name)?;
    }
    let split = asked.split.as_deref();
    let split = split.map(|text| bounds(text, &look.zone)).transpose()?;
    let of = Asked {
        promise: asked.promise.as_deref(),
        window: Window::of(asked.from.as_deref(), asked.until.as_deref(), &look.zone)?,
        split: split.map(|(first, _)| first),
    };
    let session = look.session(context).await?;
    Ok(Outcome::good(Shown {
        validation: validate(&session, &of).await?,
        promise: asked.promise.clone(),
        window: of.window,
        definition: context.project.version.clone(),
        customers: context.project.company.customers_word.clone(),
        as_of: look.as_of,
        zone: look.zone.clone(),
    }))
}

struct Shown {
    validation: Validation,
    promise: Option<String>,
    window: Window,
    definition: String,
    /// What several customers are called.
    customers: String,
    as_of: Timestamp,
    zone: TimeZone,
}

impl Answer for Shown {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let all = &self.validation.all;
        let units = match self.validation.hearing.of_customers {
            true => self.customers.as_str(),
            false => "things",
        };
        let heading = match &self.promise {
            Some(promise) => format!("What {promise} knew before they complained"),
            None => "What promises knew before they complained".into(),
        };
        writeln!(out, "{}", paint(HEADING, heading))?;
        let who = match self.validation.hearing.of_answers {
            true => format!("{units} of which somebody said something, content or not"),
            false => format!(
                "{units} of which something was promised: who said nothing is taken not to have complained"
            ),
        };
        let heard = whole(all.scored.heard);
        prose::write(out, 0, QUIET, &format!("looked at: {heard} {who}"))?;
        writeln!(out)?;
        self.table(out)?;
        writeln!(out)?;
        self.notes(out)?;
        if self.promise.is_some() || self.validation.promises.len() > 1 {
            let sentence = silent(&all.silent, &self.customers);
            prose::write(out, 0, QUIET, &sentence)?;
        }
        match &self.validation.frontier {
            Some(frontier) => self.frontier(out, frontier),
            None => Ok(()),
        }
    }

    fn json(&self) -> Value {
        let validation = &self.validation;
        let mut answer = measured(&validation.all);
        let more = json!({
            "as_of": self.as_of,
            "definition": self.definition,
            "promise": self.promise,
            "from": self.window.from.and_then(moment),
            "until": self.window.until.and_then(moment),
            "heard_by": if validation.hearing.of_answers { "answers" } else { "complaints" },
            "never_promised": validation.never_promised,
            "without_about": validation.without_about,
            "frontier": validation.frontier.as_ref().map(frontier_json),
            "left_out": validation.left_out.iter().map(|(promise, reason)| {
                json!({ "promise": promise, "reason": reason })
            }).collect::<Vec<_>>(),
        });
        answer.extend(more.as_object().cloned().unwrap_or_default());
        if self.promise.is_some() {
            let behind = validation.units.iter().map(behind).collect::<Vec<_>>();
            answer.insert("behind".into(), json!(behind));
        } else {
            let items = validation.promises.iter().map(|(promise, of)| {
                let mut item = measured(of);
                item.insert("promise".into(), json!(promise));
                Value::Object(item)
            });
            answer.insert("items".into(), items.collect());
        }
        Value::Object(answer)
    }
}

impl Shown {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new(&[
            Column::name("promise"),
            Column::number("named"),
            Column::number("complained"),
            Column::number("both"),
            Column::number("named first"),
            Column::number("precision"),
            Column::number("lead in days"),
        ]);
        let row = |name: &str, of: &Scored| {
            [
                name.to_owned(),
                whole(of.named),
                whole(of.complained),
                whole(of.hit),
                share(of.named_first),
                share(of.precision),
                lead(of),
            ]
        };
        for (promise, of) in &self.validation.promises {
            table.row(row(promise, &of.scored));
        }
        if self.promise.is_none() && self.validation.promises.len() > 1 {
            table.row(row("all together", &self.validation.all.scored));
        }
        table.write(out)
    }

    fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        let validation = &self.validation;
        let scored = &validation.all.scored;
        let mut notes = Vec::new();
        if let (Some(first), Some(precision)) = (scored.named_first, scored.precision) {
            notes.push(format!(
                "of those who complained {} had been named first ({}); of those named {} complained ({})",
                percent(first.value),
                range(first.interval),
                percent(precision.value),
                range(precision.interval)
            ));
        }
        notes.push(
            "named: a let-down could have been known before the first that was said; a source is taken to report without lag".into(),
        );
        if validation.never_promised > 0 {
            let count = whole(validation.never_promised);
            notes.push(format!(
                "{count} of those who complained were promised nothing: they cannot be named"
            ));
        }
        if validation.without_about > 0 {
            let count = whole(validation.without_about);
            notes.push(format!(
                "{count} complaints do not say what they are about and are left out"
            ));
        }
        for note in notes {
            prose::write(out, 0, QUIET, &note)?;
        }
        for (promise, reason) in &validation.left_out {
            writeln!(
                out,
                "{}",
                paint(CARE, format!("{promise} is left out: {reason}"))
            )?;
        }
        Ok(())
    }

    fn frontier(&self, out: &mut dyn Write, frontier: &Frontier) -> io::Result<()> {
        let split = time::from_micros(frontier.split).unwrap_or(Timestamp::MIN);
        let day = when::day(split, &self.zone);
        writeln!(
            out,
            "\n{}",
            paint(
                HEADING,
                "What each further promise gains, and what it costs"
            )
        )?;
        let note = format!(
            "ordered by what was opened before {day}, and reported on what was opened from then on"
        );
        prose::write(out, 0, QUIET, &note)?;
        let mut table = Table::new(&[
            Column::name("and"),
            Column::number("before: first").goes(1),
            Column::number("precision").goes(1),
            Column::number("after: named"),
            Column::number("complained"),
            Column::number("both"),
            Column::number("named first"),
            Column::number("precision"),
        ]);
        for step in &frontier.steps {
            table.row([
                step.promise.clone(),
                share(step.earlier.named_first),
                share(step.earlier.precision),
                whole(step.later.named),
                whole(step.later.complained),
                whole(step.later.hit),
                share(step.later.named_first),
                share(step.later.precision),
            ]);
        }
        writeln!(out)?;
        table.write(out)
    }
}

fn share(share: Option<Share>) -> String {
    share.map_or_else(|| "-".into(), |share| percent(share.value))
}

fn lead(of: &Scored) -> String {
    let days = of.lead_days.map(|median| format!("{:.1}", median.value));
    days.unwrap_or_else(|| "-".into())
}

fn range(interval: Interval) -> String {
    format!(
        "{:.1} to {:.1} %",
        interval.low * 100.0,
        interval.high * 100.0
    )
}

/// Whether those who said nothing go, in a sentence.
fn silent(told: &Result<Silent, String>, customers: &str) -> String {
    let told = match told {
        Ok(told) => told,
        Err(reason) => {
            return format!(
                "whether those go who were let down and said nothing is not known: {reason}"
            );
        }
    };
    let matched = &told.matched;
    let what = match told.outcome {
        After::CameBack => "came back",
        After::Left => "left",
    };
    let mut alike = vec!["month", "earlier purchases"];
    alike.extend(told.alike_in.iter().map(String::as_str));
    let difference = matched.difference;
    let shown = match difference.sign() {
        0 => "no difference is shown",
        1 => "more than the others",
        _ => "less than the others",
    };
    format!(
        "of {} {customers} who were let down and said nothing, {} {what} within {WATCHED_DAYS} days; of {} alike in {} who were not, {}: {shown} ({:+.2} points, {:+.2} to {:+.2}); {} more have nobody like them",
        whole(matched.happened),
        percent(matched.share),
        whole(matched.others),
        alike.join(", "),
        percent(matched.share_of_others),
        difference.value * 100.0,
        difference.interval.low * 100.0,
        difference.interval.high * 100.0,
        whole(matched.alone),
    )
}

/// What one promise and all of them together tell alike.
fn measured(of: &Measured) -> Map<String, Value> {
    let mut told = scored(&of.scored);
    let silent = match &of.silent {
        Err(reason) => json!({ "refused": reason, "alike_in": [], "not_in": [] }),
        Ok(silent) => {
            let matched = &silent.matched;
            json!({
                "outcome": match silent.outcome {
                    After::CameBack => "came-back",
                    After::Left => "left",
                },
                "within_days": WATCHED_DAYS,
                "people": matched.happened,
                "alone": matched.alone,
                "others": matched.others,
                "share": matched.share,
                "share_of_others": matched.share_of_others,
                "difference": matched.difference.value,
                "low": matched.difference.interval.low,
                "high": matched.difference.interval.high,
                "confidence": matched.difference.interval.confidence,
                "alike_in": silent.alike_in,
                "not_in": silent.not_in,
            })
        }
    };
    told.insert("silent".into(), silent);
    told
}

fn scored(of: &Scored) -> Map<String, Value> {
    let told = json!({
        "heard": of.heard,
        "named": of.named,
        "complained": of.complained,
        "hit": of.hit,
        "share_named_first": of.named_first.map(|share| share.value),
        "precision": of.precision.map(|share| share.value),
        "median_lead_days": of.lead_days.map(|median| median.value),
    });
    let mut told = told.as_object().cloned().unwrap_or_default();
    for (name, interval) in [
        (
            "share_named_first_interval",
            of.named_first.map(|share| share.interval),
        ),
        (
            "precision_interval",
            of.precision.map(|share| share.interval),
        ),
        (
            "median_lead_days_interval",
            of.lead_days.and_then(|median| median.interval),
        ),
    ] {
        if let Some(of) = interval {
            let interval = json!({ "low": of.low, "high": of.high, "confidence": of.confidence });
            told.insert(name.into(), interval);
        }
    }
    told
}

fn frontier_json(frontier: &Frontier) -> Value {
    let steps = frontier.steps.iter().map(|step| {
        json!({
            "promise": step.promise,
            "earlier": scored(&step.earlier),
            "later": scored(&step.later),
        })
    });
    json!({ "split": moment(frontier.split), "steps": steps.collect::<Vec<_>>() })
}

fn behind(one: &Behind) -> Value {
    let (about, customer) = match &one.about {
        Unit::About(about) => (Some(about.clone()), one.customer),
        Unit::Customer(customer) => (None, Some(*customer)),
    };
    json!({
        "about": about,
        "customer": customer.map(|id| id.to_string()),
        "named_at": one.named_at.and_then(moment),
        "said_at": one.said_at.and_then(moment),
        "complained": one.complained,
    })
}

fn moment(micros: i64) -> Option<Timestamp> {
    time::from_micros(micros).ok()
}
