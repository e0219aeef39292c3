//! `amends card`: what came in, what went out, why, and what was promised.

use std::io::{self, Write};

use amends_figures::card::{Card, Marbles, REASONS_SHOWN, card};
use amends_figures::customer_math::Line;
use amends_model::{Figure, Result, time};
use amends_project::definition::{Company, Nature};
use anstyle::Style;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::look::Look;
use crate::terminal::number::{percent, whole};
use crate::terminal::paint::{BAD, CARE, GOOD, HEADING, QUIET, paint};
use crate::terminal::table::{Column, Table, plain};
use crate::terminal::{bowls, prose, when};

/// Shows the card of a period.
///
/// # Errors
/// `AM0007` when the period cannot be read; `AM0801` when the customer math does not add up.
pub(crate) async fn run(
    context: &Context,
    period: Option<&str>,
    marble: Option<u64>,
) -> Result<Outcome> {
    let look = Look::at(context).await?;
    let period = look.period(context, period)?;
    let mut card = card(&look.session(context).await?, period).await?;
    let gained = line(&card, Line::New).unwrap_or(0) + line(&card, Line::Returned).unwrap_or(0);
    if let Some(marble) = marble {
        card.marbles = Marbles::of(gained, line(&card, Line::Lost), marble);
    }
    let mut as_of = format!("as of {}", when::moment(look.as_of, &look.zone));
    if let Some(source) = &card.frame.reported.by
        && let Some(until) = card.frame.reported.known()
    {
        let until = when::moment(time::from_micros(until)?, &look.zone);
        as_of = format!("{as_of}, reported until {until} ({})", plain(source));
    }
    Ok(Outcome::good(Shown {
        card,
        gained,
        company: context.project.company.clone(),
        as_of,
    }))
}

/// The count of a line; `None` where it is refused.
fn line(card: &Card, line: Line) -> Option<u64> {
    card.math.get(line)
}

struct Shown {
    card: Card,
    gained: u64,
    company: Company,
    as_of: String,
}

/// How far a line's label stands from the margin, and its number from there.
const LABEL: usize = 44;
/// How wide a number is.
const VALUE: usize = 12;
/// What is neither good nor bad.
const PLAIN: Style = Style::new();

impl Answer for Shown {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let so_far = if self.card.frame.is_so_far() {
            ", so far"
        } else {
            ""
        };
        let title = format!(
            "{}: {}{so_far}",
            plain(&self.company.name),
            self.card.frame.period
        );
        let fits = title.width() + 2 + self.as_of.width() <= prose::width();
        let between = if fits { "  " } else { "\n" };
        writeln!(
            out,
            "{}{between}{}\n",
            paint(HEADING, title),
            paint(QUIET, &self.as_of)
        )?;
        self.math(out)?;
        self.reasons(out)?;
        self.recommendation(out)?;
        self.churn(out)?;
        self.promises(out)?;
        if !self.card.remarks.is_empty() {
            writeln!(out, "{}", paint(HEADING, "To know"))?;
            let mut remarks = self.card.remarks.iter();
            remarks.try_for_each(|remark| prose::write(out, 2, PLAIN, remark))?;
            writeln!(out)?;
        }
        writeln!(out, "{}", paint(HEADING, "To read aloud"))?;
        let mut sentences = self.card.sentences.iter();
        sentences.try_for_each(|sentence| prose::write(out, 2, PLAIN, sentence))
    }

    fn json(&self) -> Value {
        serde_json::to_value(&self.card)
            .unwrap_or_else(|error| json!({ "error": error.to_string() }))
    }
}

impl Shown {
    fn math(&self, out: &mut dyn Write) -> io::Result<()> {
        let customers = &self.company.customers_word;
        let (opening, closing) = (
            format!("{customers} at the start"),
            format!("{customers} at the end"),
        );
        let quiet = Some(QUIET);
        let lines: [(&str, Line, Option<Style>); 10] = [
            (&opening, Line::Opening, None),
            ("+ new", Line::New, Some(GOOD)),
            ("+ returned", Line::Returned, Some(GOOD)),
            ("- lost", Line::Lost, Some(BAD)),
            ("    natural", Line::LostBy(Nature::Natural), quiet),
            ("    avoidable", Line::LostBy(Nature::Avoidable), quiet),
            (
                "    the company's choice",
                Line::LostBy(Nature::Company),
                quiet,
            ),
            ("    unknown", Line::LostBy(Nature::Unknown), quiet),
            (&closing, Line::Closing, None),
            (
                "joined and left in between, in both counts",
                Line::JoinedAndLeft,
                quiet,
            ),
        ];
        for (label, of, style) in lines {
            self.one_line(out, label, line(&self.card, of).map(i128::from), style)?;
        }
        self.one_line(
            out,
            "net",
            self.card.math.net().map(i128::from),
            Some(HEADING),
        )?;
        if let Some(refusal) = &self.card.math.refusal {
            writeln!(out)?;
            prose::write(out, 2, CARE, &format!("refused: {}", refusal.reason()))?;
        }
        writeln!(out)?;
        match line(&self.card, Line::Lost) {
            Some(lost) => bowls::draw(
                out,
                self.gained,
                lost,
                &bowls::Marbles {
                    each: self.card.marbles.customers_per_marble,
                    words: (&self.company.customer_word, customers),
                },
            )?,
            None => return Ok(()),
        }
        writeln!(out)
    }

    fn one_line(
        &self,
        out: &mut dyn Write,
        label: &str,
        value: Option<i128>,
        style: Option<Style>,
    ) -> io::Result<()> {
        let value = value.map_or_else(|| "-".into(), whole);
        labelled(out, label, &value, style.unwrap_or(PLAIN))
    }

    fn reasons(&self, out: &mut dyn Write) -> io::Result<()> {
        let why = &self.card.why;
        if why.stated.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", paint(HEADING, "Why they left, in their words"))?;
        let mut table = Table::new(&[
            Column::words("reason"),
            Column::number("left"),
            Column::words("let down before"),
        ])
        .indented(2);
        for stated in why.stated.iter().take(REASONS_SHOWN) {
            let before = stated
                .let_down_before
                .iter()
                .map(|(promise, count)| format!("{} by {promise}", whole(*count)));
            let before = before.collect::<Vec<_>>().join(", ");
            table.row([stated.reason.clone(), whole(stated.count), before]);
        }
        table.write(out)?;
        if why.unstated > 0 {
            writeln!(
                out,
                "  {}",
                paint(
                    QUIET,
                    format!("{} left without a word", whole(why.unstated))
                )
            )?;
        }
        writeln!(out)
    }

    fn recommendation(&self, out: &mut dyn Write) -> io::Result<()> {
        let of = &self.card.recommendation;
        let rows = [
            ("said that they would", &of.said),
            ("did", &of.did),
            ("said so and have done it", &of.kept_word),
        ];
        if rows.iter().all(|(_, who)| who.is_err()) {
            return Ok(());
        }
        writeln!(out, "{}", paint(HEADING, "Who recommended us"))?;
        for (label, who) in rows {
            match who {
                Ok(who) => self.one_line(out, label, Some(who.len() as i128), None)?,
                Err(reason) => {
                    self.one_line(out, label, None, None)?;
                    prose::write(out, 4, QUIET, &format!("not known: {reason}"))?;
                }
            }
        }
        writeln!(out)
    }

    fn churn(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.card.churn.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", paint(HEADING, "Churn"))?;
        let measured = self.card.churn.iter();
        for (figure, label) in measured.filter_map(|figure| Some((figure, label(figure)?))) {
            labelled(out, label, &shown(figure), PLAIN)?;
        }
        let refused = self.card.churn.iter().find_map(|one| one.refused.as_ref());
        if let Some(reason) = refused {
            prose::write(out, 4, QUIET, &format!("not known: {reason}"))?;
        }
        let assumed: Vec<&Figure> = self
            .card
            .churn
            .iter()
            .filter(|figure| figure.source.is_some())
            .collect();
        for figure in &assumed {
            let label = claimed(figure).unwrap_or(&figure.id);
            labelled(out, label, &shown(figure), QUIET)?;
        }
        if let Some(source) = assumed.first().and_then(|figure| figure.source.as_ref()) {
            prose::write(out, 2, QUIET, &format!("assumed: {source}"))?;
        }
        writeln!(out)
    }

    fn promises(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.card.promises.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", paint(HEADING, "Promises that came due"))?;
        let number = Column::number;
        let columns = [
            Column::name("promise"),
            number("due"),
            number("let down"),
            number("customers"),
        ];
        let mut table = Table::new(&columns).indented(2);
        for kept in &self.card.promises {
            let due: u64 = kept.states.values().sum();
            let let_down: u64 = kept
                .states
                .iter()
                .filter(|(state, _)| state.is_let_down())
                .map(|(_, count)| count)
                .sum();
            match &kept.refused {
                Some(_) => table.row([kept.promise.clone(), "-".into(), "-".into(), "-".into()]),
                None => table.row([
                    kept.promise.clone(),
                    whole(due),
                    whole(let_down),
                    whole(kept.customers()),
                ]),
            }
        }
        table.write(out)?;
        for kept in &self.card.promises {
            if let Some(reason) = &kept.refused {
                prose::write(out, 2, QUIET, &format!("{}: {reason}", kept.promise))?;
            }
        }
        writeln!(
            out,
            "  {}\n",
            paint(
                QUIET,
                format!(
                    "let down by any of them: {} {}",
                    self.card.let_down().map_or_else(|| "-".into(), whole),
                    self.company.customers_word
                )
            )
        )
    }
}

/// A label and a value at the end of its last line.
fn labelled(out: &mut dyn Write, label: &str, value: &str, style: Style) -> io::Result<()> {
    let room = LABEL.min(prose::width().saturating_sub(2 + VALUE));
    let indent = label.len() - label.trim_start().len();
    let mut lines = prose::lines(label.trim_start(), indent, room);
    let last = lines.pop().unwrap_or_default();
    lines
        .iter()
        .try_for_each(|line| writeln!(out, "  {line}"))?;
    let value = paint(style, format!("{value:>VALUE$}"));
    writeln!(out, "  {last:<room$}{value}")
}

fn shown(figure: &Figure) -> String {
    match (figure.value, &figure.interval) {
        (_, Some(range)) if figure.value.is_none() => {
            format!("{} - {}", percent(range.low), percent(range.high))
        }
        (Some(value), _) => percent(value),
        _ => "-".into(),
    }
}

/// What a churn figure is, for people; `None` for parts that only JSON has.
fn label(figure: &Figure) -> Option<&'static str> {
    match figure.id.as_str() {
        "churn.period" => Some("lost of those there at the start"),
        "churn.year" => Some("in a year, if every period were like this"),
        "churn.year.natural" => Some("of that for natural reasons"),
        _ => None,
    }
}

/// What is often claimed, for people.
fn claimed(figure: &Figure) -> Option<&'static str> {
    match figure.id.as_str() {
        "churn.claimed.low" => Some("often claimed, at least"),
        "churn.claimed.high" => Some("often claimed, at most"),
        "churn.claimed.natural" => Some("often claimed, for natural reasons"),
        _ => None,
    }
}
