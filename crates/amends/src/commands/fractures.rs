//! `amends fractures`: where promises keep breaking.

use std::io::{self, Write};

use amends_fractures::{Fracture, Fractures, State};
use amends_model::Result;
use amends_query::Session;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::By;
use crate::context::Context;
use crate::look::Look;
use crate::terminal::number::{counted, money, percent, whole};
use crate::terminal::paint::{CARE, GOOD, QUIET, paint};
use crate::terminal::prose;
use crate::terminal::table::{Column, Table};
use crate::terminal::when;

/// Lists the fractures of all promises, or of one.
///
/// # Errors
/// `AM0014` when there is no such promise; `AM0017` when nothing was imported.
pub(crate) async fn run(
    context: &Context,
    promise: Option<&str>,
    by: By,
    limit: usize,
) -> Result<Outcome> {
    let look = Look::at(context).await?;
    if let Some(name) = promise {
        look.promise(context, name)?;
    }
    let fractures = match by {
        By::People => read(context, &look, promise).await?,
        By::Money => {
            let session = look.session(context).await?;
            let history =
                amends_fractures::History::read(&look.snapshot, context.as_of, &look.zone)?;
            amends_fractures::read_with_money(&session, &history, promise).await?
        }
    };
    Ok(Outcome::good(Listed {
        fractures,
        by,
        as_of: look.as_of,
        zone: look.zone.clone(),
        limit,
    }))
}

/// Reads the fractures of all promises, or of one, with what was decided until the moment that was asked about.
///
/// # Errors
/// Whatever keeps them from being read.
pub(crate) async fn read(
    context: &Context,
    look: &Look,
    promise: Option<&str>,
) -> Result<Fractures> {
    read_in(context, look, &look.session(context).await?, promise).await
}

/// As [`read`], in a session that is open.
///
/// # Errors
/// As [`read`].
pub(crate) async fn read_in(
    context: &Context,
    look: &Look,
    session: &Session,
    promise: Option<&str>,
) -> Result<Fractures> {
    let history = amends_fractures::History::read(&look.snapshot, context.as_of, &look.zone)?;
    amends_fractures::read(session, &history, promise).await
}

struct Listed {
    fractures: Fractures,
    /// In which order.
    by: By,
    as_of: Timestamp,
    zone: TimeZone,
    limit: usize,
}

/// How it stands, in the list: what waits for a second look says so.
fn standing(fracture: &Fracture) -> &'static str {
    match fracture.state {
        State::Mended if fracture.is_back => "mended, breaks again",
        State::Suspected if fracture.is_new => "new",
        state => state.as_str(),
    }
}

/// The place of the column of people.
const PEOPLE: usize = 3;

/// What was at stake, in each currency.
fn at_stake(fracture: &Fracture) -> String {
    let sums = fracture.at_stake.iter();
    let sums = sums.map(|(currency, minor)| money(*minor, Some(currency)));
    let sums: Vec<String> = sums.collect();
    match sums.is_empty() {
        true => "-".to_owned(),
        false => sums.join(", "),
    }
}

/// The column of those who said nothing.
fn silent(fracture: &Fracture) -> String {
    fracture.silent.map_or_else(|| "unknown".into(), whole)
}

/// How often it is broken elsewhere, where it is not broken everywhere.
fn elsewhere(fracture: &Fracture) -> String {
    fracture.rate_elsewhere().map(percent).unwrap_or_default()
}

/// Where it breaks; outside of which places, where it is everywhere and there are some.
fn place(fracture: &Fracture, all: &[Fracture]) -> String {
    let is_other = |one: &Fracture| one.promise == fracture.promise && one.id != fracture.id;
    let place = match fracture.place.is_everywhere() && all.iter().any(is_other) {
        true => "everywhere else".into(),
        false => fracture.place.to_string(),
    };
    match fracture.is_looked_for {
        true => place,
        false => format!("{place} (no longer looked for)"),
    }
}

impl Answer for Listed {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let all = &self.fractures.fractures;
        let as_of = when::moment(self.as_of, &self.zone);
        if all.is_empty() {
            let nothing = paint(GOOD, "No promise keeps breaking anywhere");
            writeln!(out, "{nothing}, as far as is known as of {as_of}")?;
            return self.show_unmeasured(out);
        }
        let mut columns = vec![
            Column::name("fracture"),
            Column::words("where"),
            Column::words("owner").goes(1),
            Column::number("people"),
            Column::number("silent"),
            Column::number("here"),
            Column::number("elsewhere"),
            Column::words("last seen").goes(2),
            Column::words("trend").goes(3),
            Column::words("state"),
        ];
        let by_money = self.by == By::Money;
        if by_money {
            columns.insert(PEOPLE, Column::number("at stake"));
        }
        let mut table = Table::new(&columns);
        for fracture in all.iter().take(self.limit) {
            let last_seen = fracture.last_seen.map(|at| when::day(at, &self.zone));
            let owner = fracture.owner.as_deref().unwrap_or("nobody");
            let mut cells = vec![
                fracture.id.clone(),
                format!("{}: {}", fracture.promise, place(fracture, all)),
                owner.to_owned(),
                whole(fracture.people.len() as u64),
                silent(fracture),
                percent(fracture.rate()),
                elsewhere(fracture),
                last_seen.unwrap_or_default(),
                fracture.trend.as_str().to_owned(),
                standing(fracture).to_owned(),
            ];
            if by_money {
                cells.insert(PEOPLE, at_stake(fracture));
            }
            table.row(cells);
        }
        table.write(out)?;
        let (shown, total) = (all.len().min(self.limit), all.len());
        let order = match self.by {
            By::People => {
                "first the people beyond those who would have been harmed elsewhere too, and how badly"
            }
            By::Money => {
                "first the most money at stake: the amounts of what opened the promises that were let down, in the company's currency"
            }
        };
        let mut notes = vec![format!(
            "as of {as_of}; {order}; {} looked at",
            counted(self.fractures.tested, "place", "places")
        )];
        if shown < total {
            let (shown, total) = (whole(shown as u64), whole(total as u64));
            notes.push(format!("{shown} of {total}; --limit shows more"));
        }
        if !self.fractures.is_heard {
            notes.push(
                "who said nothing is unknown: [voice] in customers.toml says what counts as a complaint"
                    .into(),
            );
        }
        writeln!(out)?;
        for note in notes {
            prose::write(out, 0, QUIET, &note)?;
        }
        self.show_unmeasured(out)?;
        writeln!(
            out,
            "`amends fracture show ID` tells one; `amends people fracture.ID` lists who fell through it"
        )
    }

    fn json(&self) -> Value {
        let items = self.fractures.fractures.iter().map(|fracture| {
            let mut item = item(fracture);
            let sums = fracture.at_stake.iter();
            let sums =
                sums.map(|(currency, minor)| json!({ "currency": currency, "minor": minor }));
            item["at_stake"] = match self.by {
                By::People => Value::Null,
                By::Money => sums.collect(),
            };
            item
        });
        json!({
            "as_of": self.as_of,
            "total": self.fractures.fractures.len(),
            "tested": self.fractures.tested,
            "by": self.by.as_str(),
            "items": items.collect::<Vec<_>>(),
            "unmeasured": self.fractures.unmeasured.iter().map(|one| {
                json!({ "promise": one.promise, "reason": one.reason })
            }).collect::<Vec<_>>(),
        })
    }
}

impl Listed {
    fn show_unmeasured(&self, out: &mut dyn Write) -> io::Result<()> {
        for one in &self.fractures.unmeasured {
            let text = format!("{} is not measurable: {}", one.promise, one.reason);
            writeln!(out, "{}", paint(CARE, text))?;
        }
        Ok(())
    }
}

/// What a list and a single answer say alike.
pub(crate) fn item(fracture: &Fracture) -> Value {
    let parts = fracture.place.parts.iter();
    let place: Map<String, Value> = parts
        .map(|part| (part.attribute.clone(), json!(part.value)))
        .collect();
    let mut item = json!({
        "id": fracture.id,
        "promise": fracture.promise,
        "definition": fracture.definition,
        "where": place,
        "since": fracture.place.since,
        "until": fracture.place.until,
        "formerly": fracture.formerly.as_ref().map(ToString::to_string),
        "is_looked_for": fracture.is_looked_for,
        "is_everywhere": fracture.place.is_everywhere(),
        "people": fracture.people.len(),
        "people_beyond": fracture.people_beyond(),
        "silent": fracture.silent,
        "silence_unknown": fracture.unheard(),
        "instances": fracture.instances,
        "let_downs": fracture.let_downs,
        "serious": fracture.mean_serious(),
        "rate": fracture.rate(),
        "rate_elsewhere": fracture.rate_elsewhere(),
        "touchpoint": fracture.touchpoint,
        "owner": fracture.owner,
        "state": fracture.state.as_str(),
        "is_new": fracture.is_new,
        "is_back": fracture.is_back,
        "looks": fracture.looks,
        "first_seen": fracture.first_seen,
        "last_seen": fracture.last_seen,
        "trend": fracture.trend.as_str(),
        "false_discovery": fracture.false_discovery,
        "reason": fracture.reason(),
    });
    if let Some(elsewhere) = fracture.elsewhere {
        let interval = elsewhere.difference.interval;
        item["difference"] = json!({
            "value": elsewhere.difference.value,
            "low": interval.low,
            "high": interval.high,
            "confidence": interval.confidence,
        });
    }
    item
}
