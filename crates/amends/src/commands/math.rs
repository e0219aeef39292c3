//! `amends math`: customer math of one period after another, of everybody and segment by segment.

use std::io::{self, Write};

use amends_figures::course::{Course, OfPeriod, course};
use amends_figures::customer_math::Line;
use amends_model::{Period, Problem, Result};
use amends_project::definition::Nature;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::Math;
use crate::context::Context;
use crate::look::Look;
use crate::terminal::number::whole;
use crate::terminal::paint::{HEADING, QUIET, paint};
use crate::terminal::prose;
use crate::terminal::table::{Column, Table, plain};

/// So many periods are shown where nobody says from when.
const USUAL: usize = 12;
/// More periods than this are a mistake in one of the two ends.
const MOST: usize = 1_200;

/// Shows the customer math of successive periods.
///
/// # Errors
/// `AM0007` when the periods cannot be read or do not follow each other; `AM0801` when it does not add up; `AM0811` when there is no such segment.
pub(crate) async fn run(context: &Context, asked: &Math) -> Result<Outcome> {
    let look = Look::at(context).await?;
    let last = look.period(context, asked.to.as_deref())?;
    let (first, count) = span(asked.from.as_deref(), last)?;
    let course = course(
        &look.session(context).await?,
        first,
        count,
        asked.by.as_deref(),
    )
    .await?;
    Ok(Outcome::good(Shown {
        course,
        definition: context.project.version.clone(),
        by: asked.by.clone(),
        says: asked.by.as_deref().and_then(|by| {
            let segments = &context.project.customers.as_ref()?.segments;
            segments.get(by)?.says.clone()
        }),
        limit: asked.limit,
    }))
}

/// The first period, and how many there are up to the last.
pub(super) fn span(from: Option<&str>, last: Period) -> Result<(Period, usize)> {
    let Some(from) = from else {
        let first = (1..USUAL).fold(last, |period, _| period.previous());
        return Ok((first, USUAL));
    };
    let first = Period::parse(from)?;
    let mut period = first;
    for count in 1..=MOST {
        if period == last {
            return Ok((first, count));
        }
        period = period.next();
    }
    Err(Problem::new("AM0007", "these periods do not follow each other")
        .detail(format!("{first} to {last}"))
        .hint("name two months, two quarters or two years, the earlier one first: --from 2025-01 --to 2025-12"))
}

struct Shown {
    course: Course,
    definition: String,
    by: Option<String>,
    says: Option<String>,
    limit: usize,
}

impl Answer for Shown {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        table(out, &self.course.all)?;
        let Some(by) = &self.by else {
            return Ok(());
        };
        let mut segments: Vec<_> = self.course.segments.iter().collect();
        // Where not all are shown, the largest are.
        segments.sort_by_key(|(_, periods)| std::cmp::Reverse(size(periods)));
        for (value, periods) in segments.iter().take(self.limit) {
            let value = value.as_deref().map_or("not said".into(), plain);
            writeln!(out, "\n{}", paint(HEADING, format!("{by}: {value}")))?;
            table(out, periods)?;
        }
        if let Some(says) = &self.says {
            writeln!(out, "\n{}", paint(QUIET, format!("{by}: {}", plain(says))))?;
        }
        let hidden = segments.len().saturating_sub(self.limit);
        if hidden > 0 {
            let note = format!("{} more; --limit shows more", whole(hidden as u64));
            writeln!(out, "{}", paint(QUIET, note))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let segments = self.course.segments.iter().map(|(value, periods)| {
            json!({
                "value": value,
                "periods": periods.iter().map(period).collect::<Vec<_>>(),
            })
        });
        json!({
            "definition": self.definition,
            "by": self.by,
            "periods": self.course.all.iter().map(period).collect::<Vec<_>>(),
            "segments": segments.collect::<Vec<_>>(),
        })
    }
}

/// How many customers a segment had and won, at most in any period.
fn size(periods: &[OfPeriod]) -> u64 {
    let ever = periods
        .iter()
        .map(|of| of.math.counts.opening + of.math.counts.new);
    ever.max().unwrap_or(0)
}

fn table(out: &mut dyn Write, periods: &[OfPeriod]) -> io::Result<()> {
    let number = Column::number;
    let mut table = Table::new(&[
        Column::words("period"),
        number("opening"),
        number("new"),
        number("returned"),
        number("lost"),
        number("closing"),
        number("net"),
    ]);
    let shown = |count: Option<u64>| count.map_or_else(|| "-".into(), whole);
    for of in periods {
        let name = match of.frame.is_so_far() {
            true => format!("{} so far", of.frame.period),
            false => of.frame.period.to_string(),
        };
        let line = |line| shown(of.math.get(line));
        let net = of.math.net().map_or_else(
            || "-".into(),
            |net| match net {
                ..0 => format!("-{}", whole(net.unsigned_abs())),
                0 => "0".into(),
                _ => format!("+{}", whole(net.unsigned_abs())),
            },
        );
        table.row([
            name,
            line(Line::Opening),
            line(Line::New),
            line(Line::Returned),
            line(Line::Lost),
            line(Line::Closing),
            net,
        ]);
    }
    table.write(out)?;
    let reasons = periods
        .iter()
        .filter_map(|of| Some(of.math.refusal.as_ref()?.reason()));
    let mut reasons: Vec<&str> = reasons.collect();
    reasons.dedup();
    for reason in reasons {
        prose::write(out, 2, QUIET, &format!("not known: {reason}"))?;
    }
    Ok(())
}

fn period(of: &OfPeriod) -> Value {
    let math = &of.math;
    json!({
        "period": of.frame.period.to_string(),
        "so_far": of.frame.is_so_far(),
        "opening": math.get(Line::Opening),
        "new": math.get(Line::New),
        "returned": math.get(Line::Returned),
        "lost": math.get(Line::Lost),
        "lost_natural": math.get(Line::LostBy(Nature::Natural)),
        "lost_avoidable": math.get(Line::LostBy(Nature::Avoidable)),
        "lost_company": math.get(Line::LostBy(Nature::Company)),
        "lost_unknown": math.get(Line::LostBy(Nature::Unknown)),
        "joined_and_left": math.get(Line::JoinedAndLeft),
        "closing": math.get(Line::Closing),
        "net": math.net(),
        "refused": math.refusal.as_ref().map(|refusal| refusal.reason()),
    })
}
