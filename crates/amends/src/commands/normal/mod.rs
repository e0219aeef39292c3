//! `amends normal`: what is normal, what was written as great, and what is neither.

mod course;
mod json;
mod words;

use std::collections::BTreeMap;
use std::io::{self, Write};

use amends_figures::normal::{Asked, Kind, Measure, Normal, Subject, normal};
use amends_model::{Problem, Result, Stretch};
use serde_json::Value;

use crate::answer::{Answer, Outcome};
use crate::arguments;
use crate::context::Context;
use crate::look::Look;
use crate::terminal::number::{counted, percent};
use crate::terminal::paint::{CARE, QUIET};
use crate::terminal::prose;
use crate::terminal::table::{Column, Table};

/// Shows every promise beside what is normal, or those of a name period by period.
///
/// # Errors
/// `AM0007` when the period cannot be read, or is of another length than is asked for; `AM0014` when there is no promise or touchpoint of the name.
pub(crate) async fn run(context: &Context, asked: &arguments::Normal) -> Result<Outcome> {
    let every = asked.every.every();
    let period = asked.period.as_deref().map(Stretch::parse).transpose()?;
    if let Some(period) = period.filter(|period| period.every() != every) {
        let (is, wanted) = (period.every().word(1), every.word(1));
        return Err(
            Problem::new("AM0007", format!("this is a {is}, and not a {wanted}"))
                .detail(period.to_string())
                .hint(format!("add --every {is}")),
        );
    }
    let look = Look::at(context).await?;
    let session = look.session(context).await?;
    let normal = normal(&session, Asked { every, period }).await?;
    let named = match &asked.name {
        None => None,
        Some(name) => {
            let named = normal.named(name)?.into_iter();
            Some(named.map(|of| (of.kind, of.name.clone())).collect())
        }
    };
    Ok(Outcome::good(Shown {
        normal,
        period,
        named,
        limit: asked.limit,
    }))
}

struct Shown {
    normal: Normal,
    /// Which period was asked for, if any.
    period: Option<Stretch>,
    /// What was asked for by name, if anything.
    named: Option<Vec<(Kind, String)>>,
    limit: usize,
}

impl Answer for Shown {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.named {
            None => self.overview(out)?,
            Some(_) => {
                for of in self.shown() {
                    course::show(out, &self.normal, of, self.limit)?;
                }
            }
        }
        for (style, note) in self.notes() {
            prose::write(out, 0, style, &note)?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let course = self.named.is_some();
        json::normal(&self.normal, self.period, self.shown(), course)
    }
}

impl Shown {
    fn shown(&self) -> impl Iterator<Item = &Subject> {
        let is_shown = |of: &&Subject| {
            let named = self.named.as_ref();
            named.is_none_or(|named| named.contains(&(of.kind, of.name.clone())))
        };
        self.normal.subjects.iter().filter(is_shown)
    }

    fn overview(&self, out: &mut dyn Write) -> io::Result<()> {
        let has_great = self.shown().any(|of| of.great.is_some());
        let mut columns = vec![
            Column::name("promise"),
            Column::words("owner").goes(2),
            Column::words(""),
            Column::number("now"),
            Column::number("normal"),
        ];
        if has_great {
            columns.push(Column::number("great").goes(1));
        }
        columns.extend([Column::number("chance").goes(3), Column::words("")]);
        let mut table = Table::new(&columns);
        for of in self.shown().filter(|of| of.refused.is_none()) {
            for charted in &of.charts {
                let is_first = charted.measure == Measure::Kept;
                let first = |text: String| if is_first { text } else { String::new() };
                let mut cells = vec![
                    first(words::name(of)),
                    first(of.owner.clone().unwrap_or_else(|| "-".into())),
                    charted.measure.as_str().into(),
                    words::now(charted, of.now),
                    words::normal(charted, of.now),
                ];
                if has_great {
                    let great = of.great.filter(|_| is_first);
                    cells.push(great.map(percent).unwrap_or_default());
                }
                cells.push(words::chance(charted, of.now));
                cells.push(words::standing(charted, of.now, self.normal.every));
                table.row(cells);
            }
        }
        table.write(out)?;
        writeln!(out)
    }

    /// What stands below: which periods are meant, what great is, what is left out, and how many charts were looked at together.
    fn notes(&self) -> Vec<(anstyle::Style, String)> {
        let plain = |note| (anstyle::Style::new(), note);
        let mut notes: Vec<(anstyle::Style, String)> = Vec::new();
        for of in self.shown() {
            let standard = words::standard(of).map(plain);
            let standard = standard.filter(|one| !notes.contains(one));
            notes.extend(standard);
            let early = words::early(of, self.normal.every);
            notes.extend(early.map(|note| (CARE, note)));
            match &of.refused {
                Some(reason) => notes.push((CARE, format!("{}: {reason}", of.name))),
                None if of.periods.is_empty() => {
                    notes.push((CARE, words::nothing(of, &self.normal)))
                }
                None if of.now.is_none() => {
                    let asked = self.period.map(|period| period.to_string());
                    let newest = of.periods.last().map(Stretch::to_string);
                    notes.push((
                        CARE,
                        format!(
                            "{}: {} is not among its complete {}, of which the newest is {}",
                            of.name,
                            asked.unwrap_or_default(),
                            self.normal.every.word(2),
                            newest.unwrap_or_default()
                        ),
                    ));
                }
                None => notes.extend(words::great(of).map(plain)),
            }
        }
        notes.extend(self.periods().map(|note| (QUIET, note)));
        let charts = counted(self.normal.judged as u64, "chart", "charts");
        let perhaps = match self.normal.perhaps_chance {
            0 => "none that signals alone is held back".to_owned(),
            1 => "one that signals alone is held back as perhaps chance".to_owned(),
            held => format!("{held} that signal alone are held back as perhaps chance"),
        };
        notes.push((
            QUIET,
            format!("{charts} looked at together, so that at most 5 in 100 signals are chance: {perhaps}"),
        ));
        notes
    }

    /// Which period is the newest complete one, and where the data begins.
    fn periods(&self) -> impl Iterator<Item = String> {
        let mut newest: BTreeMap<Stretch, Vec<&str>> = BTreeMap::new();
        let mut begins: BTreeMap<Stretch, Vec<&str>> = BTreeMap::new();
        let mut first_due: BTreeMap<Stretch, Vec<&str>> = BTreeMap::new();
        for of in self.shown() {
            let now = of.now.and_then(|now| of.periods.get(now));
            if let Some(now) = now {
                newest.entry(*now).or_default().push(&of.name);
            }
            if let Some(first) = of.first_due {
                first_due.entry(first).or_default().push(&of.name);
            }
            if let Some(first) = of.begins {
                begins.entry(first).or_default().push(&of.name);
            }
        }
        let word = self.normal.every.word(1);
        let is_asked = self.period.is_some();
        let of = |promises: &[&str], several: usize| match several {
            1 => String::new(),
            _ => format!(" of {}", promises.join(", ")),
        };
        let now = newest.iter().map(|(period, promises)| match is_asked {
            true => format!("now is {period}"),
            false => format!(
                "now is {period}, the newest {word} that is reported to its end{}",
                of(promises, newest.len())
            ),
        });
        let first = begins.iter().map(|(period, promises)| {
            format!(
                "{period} is left out{}: the data begins in it",
                of(promises, begins.len())
            )
        });
        let due = first_due.iter().map(|(period, promises)| {
            let of = of(promises, first_due.len());
            format!("{period} is left out of what was due{of}: something was due in it for the first time")
        });
        let first = first.chain(due);
        now.chain(first).collect::<Vec<_>>().into_iter()
    }
}
