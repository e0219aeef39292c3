//! Values, limits and signals as people read them.

use amends_figures::normal::{
    Charted, Kind, LEAST_LATE, Measure, Normal, Rule, Side, Signal, Standing, Subject,
};
use amends_model::Every;
use jiff::SignedDuration;

use crate::terminal::number::{percent, whole};
use crate::terminal::when;

/// The value of the period that is looked at.
pub(super) fn now(charted: &Charted, now: Option<usize>) -> String {
    let seen = now.and_then(|now| charted.seen.get(now));
    let value = seen.and_then(|seen| seen.value);
    value.map_or_else(|| "-".into(), |value| self::value(charted.measure, value))
}

/// A value of a measure.
pub(super) fn value(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Kept | Measure::Undone => percent(value),
        Measure::Lateness => length(value),
        Measure::Volume => whole(value.round() as i64),
    }
}

/// From where to where is normal in a period.
pub(super) fn normal(charted: &Charted, at: Option<usize>) -> String {
    let point = at.and_then(|at| charted.point(at));
    let Some(normal) = point.and_then(|point| point.normal) else {
        return "-".into();
    };
    let (from, to) = match charted.measure {
        // Of shares the sign stands once; of whole numbers the least and the most that are within.
        Measure::Kept | Measure::Undone => (
            format!("{:.2}", normal.lower * 100.0),
            percent(normal.upper),
        ),
        Measure::Volume => (
            whole(normal.lower.ceil() as i64),
            whole(normal.upper.floor() as i64),
        ),
        measure => (value(measure, normal.lower), value(measure, normal.upper)),
    };
    format!("{from} to {to}")
}

/// What a share must at least be, or lateness may at most be, in a period.
pub(super) fn bad_end(charted: &Charted, at: usize) -> String {
    let normal = charted.point(at).and_then(|point| point.normal);
    let end = normal.map(|normal| match charted.measure {
        Measure::Kept => normal.lower,
        Measure::Lateness | Measure::Undone | Measure::Volume => normal.upper,
    });
    end.map_or_else(|| "-".into(), |end| value(charted.measure, end))
}

/// The chance of the value in the period that is looked at, where it is told.
pub(super) fn chance(charted: &Charted, now: Option<usize>) -> String {
    let told = now.filter(|now| {
        let standing = charted.standing(*now);
        matches!(standing, Standing::Signals(_) | Standing::PerhapsChance(_))
    });
    let point = told.and_then(|now| charted.point(now));
    point.map_or_else(String::new, |point| match point.chance * 100.0 {
        percent if percent < 0.01 => "< 0.01 %".into(),
        percent => format!("{percent:.2} %"),
    })
}

/// A length of time.
pub(super) fn length(seconds: f64) -> String {
    when::short(SignedDuration::from_secs(seconds.round() as i64))
}

/// How the period that is looked at stands.
pub(super) fn standing(charted: &Charted, now: Option<usize>, every: Every) -> String {
    let Some(now) = now else {
        return String::new();
    };
    match charted.standing(now) {
        Standing::NoLimits(reason) => reason.to_owned(),
        Standing::NoValue => match charted.measure {
            Measure::Lateness => nothing_came(charted, now),
            Measure::Undone => "nobody has waited long enough to tell".into(),
            _ => "nothing was due".into(),
        },
        Standing::NotJudged if charted.measure == Measure::Lateness => {
            format!("fewer than {LEAST_LATE} were late")
        }
        Standing::NotJudged => "the baseline has none like it".into(),
        Standing::Before => "before the baseline".into(),
        Standing::Baseline => "in the baseline".into(),
        Standing::Normal => "normal".into(),
        Standing::PerhapsChance(signal) => {
            let words = self::signal(charted.measure, signal, every);
            format!("perhaps chance: {words}")
        }
        Standing::Signals(signal) => self::signal(charted.measure, signal, every),
    }
}

/// Where nothing came late: whether nothing was, or nothing comes.
fn nothing_came(charted: &Charted, now: usize) -> String {
    match charted.seen.get(now).map_or(0, |seen| seen.of) {
        0 => "nothing came late".into(),
        1 => "nothing came: one is not done".into(),
        waiting => format!("nothing came: {} are not done", whole(waiting)),
    }
}

/// What a signal says.
pub(super) fn signal(measure: Measure, signal: Signal, every: Every) -> String {
    let words = match (measure, signal.side) {
        (Measure::Kept, Side::Below) => "kept less often",
        (Measure::Kept, Side::Above) => "kept more often",
        (Measure::Lateness, Side::Below) => "less late",
        (Measure::Lateness, Side::Above) => "later",
        (Measure::Undone, Side::Below) => "fewer undone",
        (Measure::Undone, Side::Above) => "more undone",
        (Measure::Volume, Side::Below) => "fewer",
        (Measure::Volume, Side::Above) => "more",
    };
    match signal.rule {
        Rule::Limit => format!("{words} than normal"),
        Rule::Run(length) => format!("{words}, {length} {} in a row", every.word(length)),
    }
}

/// What is charted, by name; with what it is, where it is no promise.
pub(super) fn name(of: &Subject) -> String {
    match of.kind {
        Kind::Promise => of.name.clone(),
        kind => format!("{} {}", kind.as_str(), of.name),
    }
}

/// What was written as great for a touchpoint, in its words.
pub(super) fn standard(of: &Subject) -> Option<String> {
    let (touchpoint, standard) = of.touchpoint.as_ref().zip(of.standard.as_ref())?;
    Some(format!("{touchpoint}: great is \"{standard}\""))
}

/// The share that is to be kept, and who reaches it.
pub(super) fn great(of: &Subject) -> Option<String> {
    let great = of.great?;
    let mut note = format!("{}: great is {} kept", of.name, percent(great));
    let period = of.now.and_then(|now| of.periods.get(now));
    let reached = |share: f64| match share >= great {
        true => "reaches it",
        false => "does not reach it",
    };
    if let Some((period, share)) = period.zip(of.share_now()) {
        note.push_str(&format!(
            "; {period} with {} {}",
            percent(share),
            reached(share)
        ));
    }
    if let Some(share) = of.baseline_share() {
        note.push_str(&format!(
            ", the baseline with {} {}",
            percent(share),
            reached(share)
        ));
    }
    Some(note)
}

/// What is left out of the periods because it was made long before all the rest.
pub(super) fn early(of: &Subject, every: Every) -> Option<String> {
    let early = of.early?;
    let begins = of.begins?;
    let were = if early.count == 1 { "was" } else { "were" };
    Some(format!(
        "{}: {} of {} {were} made long before all others, on {}{}: the {} begin with {begins}",
        of.name,
        whole(early.count),
        whole(early.of),
        early.first,
        if early.count == 1 { "" } else { " at first" },
        every.word(2)
    ))
}

/// Why there is nothing to tell of a promise.
pub(super) fn nothing(of: &Subject, normal: &Normal) -> String {
    let word = normal.every.word(1);
    match of.begins {
        None => format!("{}: it was never made", of.name),
        Some(first) => format!(
            "{}: no {word} after {first}, in which its data begins, is reported to its end",
            of.name
        ),
    }
}
