//! One promise, period by period.

use std::io::{self, Write};
use std::ops::Range;

use amends_figures::normal::{Charted, Kind, Measure, Normal, Standing, Subject};

use super::words;
use crate::terminal::number::whole;
use crate::terminal::paint::{HEADING, QUIET, paint};
use crate::terminal::prose;
use crate::terminal::table::{Column, Table};

/// Shows the periods of a promise up to the one that is looked at, and what its limits were taken from.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn show(
    out: &mut dyn Write,
    normal: &Normal,
    of: &Subject,
    limit: usize,
) -> io::Result<()> {
    writeln!(out, "{}  {}", paint(HEADING, words::name(of)), of.says)?;
    let owner = of.owner.as_deref().map(|owner| format!(", {owner}"));
    if let Some(touchpoint) = &of.touchpoint {
        let line = format!("{touchpoint}{}", owner.unwrap_or_default());
        prose::write(out, 0, QUIET, &line)?;
    }
    if of.kind != Kind::Promise {
        let promises = of.promises.join(", ");
        prose::write(out, 0, QUIET, &format!("all that came due of {promises}"))?;
    }
    if of.charts.is_empty() || of.periods.is_empty() {
        return writeln!(out);
    }
    for charted in &of.charts {
        prose::write(out, 0, QUIET, &baseline(charted, normal))?;
    }
    if let Some(after) = of.undone_after {
        let after = words::length(after);
        let undone = format!(
            "undone: not done within {after} after it was due, in which nine of ten were done of all that came late in the baseline; of what was let down so long ago"
        );
        prose::write(out, 0, QUIET, &undone)?;
    }
    writeln!(out)?;
    let shown = shown(of, limit);
    table(normal, of, shown.clone()).write(out)?;
    let all = of.periods.len();
    if shown.len() < all {
        let which = match of.periods.get(shown.end) {
            None => "the newest".to_owned(),
            Some(_) => format!("up to {}", of.periods[shown.end - 1]),
        };
        let note = format!(
            "{} of {} {}, {which}; --limit shows more",
            whole(shown.len() as u64),
            whole(all as u64),
            normal.every.word(all)
        );
        writeln!(out, "{}", paint(QUIET, note))?;
    }
    writeln!(out)
}

/// The places of the periods that are shown: the one that is looked at, and those before it.
fn shown(of: &Subject, limit: usize) -> Range<usize> {
    let end = of.now.map_or(of.periods.len(), |place| place + 1);
    end.saturating_sub(limit)..end
}

/// What a chart's limits were taken from.
fn baseline(charted: &Charted, normal: &Normal) -> String {
    let measure = charted.measure.as_str();
    let (chart, (from, until)) = match (&charted.chart, charted.baseline) {
        (Ok(chart), Some(ends)) => (chart, ends),
        (Err(reason), _) => return format!("{measure}: no limits, since {reason}"),
        (Ok(_), None) => return format!("{measure}: no limits"),
    };
    let freed = match (charted.measure, chart.seasons) {
        (_, 0) => "",
        (Measure::Kept | Measure::Undone, _) => ", the season taken off by ratios of odds",
        _ => ", the season taken off by ratios",
    };
    format!(
        "{measure}: the baseline is {from} to {until}, {} {} with {} in the middle{freed}",
        chart.count,
        normal.every.word(chart.count),
        words::value(charted.measure, chart.centre)
    )
}

fn table(normal: &Normal, of: &Subject, shown: Range<usize>) -> Table {
    let mut table = Table::new(&[
        Column::name(normal.every.word(1)),
        Column::number("kept"),
        Column::number("at least"),
        Column::number("late by").goes(4),
        Column::number("at most").goes(2),
        Column::number("undone").goes(3),
        Column::number("at most").goes(1),
        Column::number("made"),
        Column::number("normal").goes(5),
        Column::words(""),
    ]);
    for place in shown {
        let period = of.periods[place];
        let mut cells = vec![period.to_string()];
        for measure in Measure::ALL {
            let charted = of.charts.iter().find(|one| one.measure == measure);
            cells.extend(match charted {
                None => ["-".into(), "-".into()],
                Some(charted) if measure == Measure::Volume => [
                    words::now(charted, Some(place)),
                    words::normal(charted, Some(place)),
                ],
                Some(charted) => [
                    words::now(charted, Some(place)),
                    words::bad_end(charted, place),
                ],
            });
        }
        cells.push(signals(normal, of, place));
        table.row(cells);
    }
    table
}

/// What is told of a period: each signal, and whether it is part of what is normal.
fn signals(normal: &Normal, of: &Subject, place: usize) -> String {
    let mut told: Vec<String> = Vec::new();
    for charted in &of.charts {
        match charted.standing(place) {
            Standing::Signals(_) | Standing::PerhapsChance(_) => {
                told.push(words::standing(charted, Some(place), normal.every));
            }
            Standing::Baseline if charted.measure == Measure::Kept => {
                told.push("baseline".into());
            }
            _ => {}
        }
    }
    told.join("; ")
}
