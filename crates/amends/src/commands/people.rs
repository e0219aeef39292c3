//! `amends people`: who is behind a figure.

use std::io::{self, Write};

use amends_figures::people::Person;
use amends_model::{Period, Problem, Result, Stretch, time};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::fractures;
use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::look::Look;
use crate::names::Names;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{CARE, HEADING, QUIET, paint};
use crate::terminal::prose;
use crate::terminal::table::{Column, Table};
use crate::terminal::when;

/// Whose people, and how they are shown.
pub(crate) struct Asked<'a> {
    /// The figure's id.
    pub figure: &'a str,
    /// The period, where the user named one.
    pub period: Option<&'a str>,
    /// The segment as written, where one is asked for.
    pub segment: Option<&'a str>,
    /// Whether names are shown.
    pub reveal: bool,
    /// How many lines people see.
    pub limit: usize,
}

/// Lists the people behind a figure of a period.
///
/// # Errors
/// `AM0007` when the period cannot be read; `AM0806` when there is no such figure; `AM0807` when it is refused; `AM1003` when there is no such fracture.
pub(crate) async fn run(context: &Context, asked: &Asked<'_>) -> Result<Outcome> {
    let look = Look::at(context).await?;
    let of_fracture = asked.figure.strip_prefix("fracture.");
    if let Some(id) = of_fracture.filter(|_| asked.segment.is_none()) {
        return through(context, &look, asked, id).await;
    }
    if asked.figure.starts_with("normal.") && asked.segment.is_none() {
        return behind_normal(context, &look, asked).await;
    }
    let period = look.period(context, asked.period)?;
    let session = look.session(context).await?;
    let segment = asked.segment.map(name_and_value).transpose()?;
    let people = amends_figures::people::people_of(&session, asked.figure, period, segment).await?;
    let customers = people.iter().map(|person| person.customer);
    let names = match asked.reveal {
        true => Some(Names::of_customers(context, &look, customers).await?),
        false => None,
    };
    Ok(Outcome::good(Behind {
        figure: asked.figure.to_owned(),
        period: Some(period.to_string()),
        reported_until: None,
        people,
        names,
        zone: look.zone.clone(),
        limit: asked.limit,
    }))
}

/// Those who fell through a fracture: ever, or for the first time in a period.
async fn through(context: &Context, look: &Look, asked: &Asked<'_>, id: &str) -> Result<Outcome> {
    let period = asked.period.map(Period::parse).transpose()?;
    let bounds = period.map(|period| period.bounds(&look.zone)).transpose()?;
    let within = bounds.map(|(from, until)| (time::micros(from), time::micros(until)));
    let session = look.session(context).await?;
    let fractures = fractures::read_in(context, look, &session, None).await?;
    let fracture = fractures.find(id)?;
    let people = amends_figures::people::fallen(&session, fracture, within).await?;
    let customers = people.iter().map(|person| person.customer);
    let names = match asked.reveal {
        true => Some(Names::of_customers(context, look, customers).await?),
        false => None,
    };
    Ok(Outcome::good(Behind {
        figure: asked.figure.to_owned(),
        period: period.map(|period| period.to_string()),
        reported_until: None,
        people,
        names,
        zone: look.zone.clone(),
        limit: asked.limit,
    }))
}

/// Those behind what is charted of a promise in a day, a week or a month.
async fn behind_normal(context: &Context, look: &Look, asked: &Asked<'_>) -> Result<Outcome> {
    let period = asked.period.map(Stretch::parse).transpose()?;
    let session = look.session(context).await?;
    let found = amends_figures::people::normal(&session, asked.figure, period).await?;
    let people = found.people;
    let customers = people.iter().map(|person| person.customer);
    let names = match asked.reveal {
        true => Some(Names::of_customers(context, look, customers).await?),
        false => None,
    };
    Ok(Outcome::good(Behind {
        figure: asked.figure.to_owned(),
        period: Some(found.period.to_string()),
        reported_until: found.reported_until,
        people,
        names,
        zone: look.zone.clone(),
        limit: asked.limit,
    }))
}

/// `NAME=VALUE`, the value empty for those of whom nothing is said.
///
/// # Errors
/// `AM0811` when there is no such sign.
fn name_and_value(written: &str) -> Result<(&str, Option<&str>)> {
    let (name, value) = written.split_once('=').ok_or_else(|| {
        Problem::new("AM0811", "this does not say which segment is meant")
            .detail(format!("{written:?}"))
            .hint("write its name and its value: --segment plan=basic")
    })?;
    Ok((name, (!value.is_empty()).then_some(value)))
}

struct Behind {
    figure: String,
    /// `None` for all time.
    period: Option<String>,
    /// Of what is charted, until when it is reported, where that is not to the end of the period.
    reported_until: Option<Timestamp>,
    people: Vec<Person>,
    /// Where the user asked to see them.
    names: Option<Names>,
    zone: TimeZone,
    limit: usize,
}

impl Answer for Behind {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let people = counted(self.people.len() as u64, "entry", "entries");
        writeln!(
            out,
            "{}{}: {people}",
            paint(HEADING, &self.figure),
            self.period
                .as_ref()
                .map(|period| format!(" in {period}"))
                .unwrap_or_default()
        )?;
        if let Some(until) = self.reported_until {
            let until = when::moment(until, &self.zone);
            let note = format!("not reported to its end yet, but until {until}: more may follow");
            prose::write(out, 0, CARE, &note)?;
        }
        if self.people.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        let mut columns = vec![
            Column::name("customer"),
            Column::words("since"),
            Column::words("when"),
            Column::words("why"),
        ];
        if self.names.is_some() {
            columns.insert(1, Column::words("known as"));
        }
        let mut table = Table::new(&columns);
        for person in self.people.iter().take(self.limit) {
            let day = |at: Option<_>| at.map(|at| when::day(at, &self.zone)).unwrap_or_default();
            let mut cells = vec![
                person.customer.to_string(),
                day(person.since),
                day(person.at),
                person.why.clone(),
            ];
            if let Some(names) = &self.names {
                cells.insert(1, names.of(person.customer));
            }
            table.row(cells);
        }
        table.write(out)?;
        let (shown, all) = (self.people.len().min(self.limit), self.people.len());
        if shown < all {
            let note = format!(
                "{} of {}; --limit shows more",
                whole(shown as u64),
                whole(all as u64)
            );
            writeln!(out, "{}", paint(QUIET, note))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let items = self.people.iter().map(|person| {
            let names = self.names.as_ref();
            let names = names.map(|names| names.json(person.customer));
            json!({ "customer": person.customer, "names": names, "since": person.since, "at": person.at, "why": person.why })
        });
        json!({
            "figure": self.figure,
            "period": self.period,
            "reported_until": self.reported_until,
            "total": self.people.len(),
            "items": items.collect::<Vec<_>>(),
        })
    }
}
