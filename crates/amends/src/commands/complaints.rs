//! `amends complaints`: complaints per 1,000 customers, beside let-downs.

use std::io::{self, Write};

use amends_figures::complaints::{Complaints, Of, OfPeriod, Rate, Told, complaints};
use amends_model::Result;
use serde_json::{Value, json};

use super::math::span;
use crate::answer::{Answer, Outcome};
use crate::arguments::{self, Apart};
use crate::context::Context;
use crate::look::Look;
use crate::terminal::number::whole;
use crate::terminal::paint::QUIET;
use crate::terminal::prose;
use crate::terminal::table::{Column, Table, plain};

/// Shows the complaints of successive periods.
///
/// # Errors
/// `AM0007` when the periods cannot be read or do not follow each other; `AM0812` when no source of complaints is connected.
pub(crate) async fn run(context: &Context, asked: &arguments::Complaints) -> Result<Outcome> {
    let look = Look::at(context).await?;
    let last = look.period(context, asked.to.as_deref())?;
    let (first, count) = span(asked.from.as_deref(), last)?;
    let session = look.session(context).await?;
    Ok(Outcome::good(Shown {
        complaints: complaints(&session, first, count).await?,
        definition: context.project.version.clone(),
        customers: context.project.company.customers_word.clone(),
        by: asked.by,
    }))
}

struct Shown {
    complaints: Complaints,
    definition: String,
    /// What several customers are called.
    customers: String,
    by: Option<Apart>,
}

impl Answer for Shown {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new(&[
            Column::words("period"),
            Column::words(match self.by {
                Some(Apart::Source) => "source",
                _ => "service",
            }),
            Column::number("complaints"),
            Column::number("per 1,000"),
            Column::words("95 %").goes(1),
            Column::number("let-downs"),
            Column::number("per 1,000").goes(2),
            Column::words(""),
        ]);
        for of in &self.complaints.periods {
            let lines = of.lines.iter().filter(|line| self.is_shown(line));
            for line in lines {
                table.row([
                    period(of),
                    name(&line.of),
                    whole(line.complaints),
                    rate(line.rate),
                    range(line.rate),
                    line.let_downs.map_or_else(|| "-".into(), whole),
                    rate(line.let_down_rate),
                    if line.is_silent == Some(true) {
                        "silence"
                    } else {
                        ""
                    }
                    .into(),
                ]);
            }
        }
        table.write(out)?;
        writeln!(out)?;
        for note in self.notes() {
            prose::write(out, 0, QUIET, &note)?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let periods = self.complaints.periods.iter();
        let items = periods.flat_map(|of| of.lines.iter().map(move |line| item(of, line)));
        json!({
            "definition": self.definition,
            "services_by": if self.complaints.by_definition { "definition" } else { "touchpoint" },
            "items": items.collect::<Vec<_>>(),
        })
    }
}

impl Shown {
    fn is_shown(&self, line: &Told) -> bool {
        match line.of {
            Of::All => true,
            Of::Source(_) => self.by == Some(Apart::Source),
            Of::Service(_) => self.by == Some(Apart::Service),
            Of::Both(..) => false,
        }
    }

    fn notes(&self) -> Vec<String> {
        let customers = &self.customers;
        let mut notes = vec![
            format!(
                "per 1,000 {customers}: the mean of those at the beginning and at the end; the interval is exact (Poisson)"
            ),
            "silence: with 95 % confidence there is less than one complaint for five let-downs"
                .into(),
        ];
        if self.by == Some(Apart::Service) && !self.complaints.by_definition {
            notes.push("a complaint is of each touchpoint at which it could have been known by then that the same thing was let down; `service` under [voice] in customers.toml can say it better".into());
        }
        for of in &self.complaints.periods {
            if let Err(reason) = &of.customers {
                notes.push(format!("no rates of {}: {reason}", of.frame.period));
            }
            if let Some(source) = &of.behind {
                notes.push(format!("{} has not reported {} to its end: there may be more complaints, and silence is not told", source, of.frame.period));
            }
        }
        notes
    }
}

fn period(of: &OfPeriod) -> String {
    match of.behind.is_some() || of.frame.is_so_far() {
        true => format!("{} so far", of.frame.period),
        false => of.frame.period.to_string(),
    }
}

fn name(of: &Of) -> String {
    match of {
        Of::All => "all".into(),
        Of::Service(service) => service.as_deref().map_or("not told".into(), plain),
        Of::Source(source) | Of::Both(source, _) => plain(source),
    }
}

fn rate(rate: Option<Rate>) -> String {
    rate.map_or_else(|| "-".into(), |rate| format!("{:.2}", rate.value))
}

fn range(rate: Option<Rate>) -> String {
    let range = rate.map(|rate| format!("{:.2} to {:.2}", rate.interval.low, rate.interval.high));
    range.unwrap_or_default()
}

fn item(of: &OfPeriod, line: &Told) -> Value {
    let (by, source, service) = match &line.of {
        Of::All => ("all", None, None),
        Of::Service(service) => ("service", None, service.as_deref()),
        Of::Source(source) => ("source", Some(source), None),
        Of::Both(source, service) => ("source and service", Some(source), service.as_deref()),
    };
    json!({
        "period": of.frame.period.to_string(),
        "so_far": of.behind.is_some() || of.frame.is_so_far(),
        "behind": of.behind,
        "customers": of.customers.as_ref().ok(),
        "refused": of.customers.as_ref().err(),
        "by": by,
        "source": source,
        "service": service,
        "complaints": line.complaints,
        "per_1000": line.rate.map(|rate| rate.value),
        "low": line.rate.map(|rate| rate.interval.low),
        "high": line.rate.map(|rate| rate.interval.high),
        "confidence": line.rate.map(|rate| rate.interval.confidence),
        "let_downs": line.let_downs,
        "let_downs_per_1000": line.let_down_rate.map(|rate| rate.value),
        "is_silent": line.is_silent,
    })
}
