//! The shape of a promise, told by its keys: `breaks` says that something does not happen, `from` opens a window, `by` alone is a deadline.

use amends_model::period::Length;

use super::{Around, bound, on};
use crate::definition::{Deadline, Lasts, Moved, Never, On, Pause, Shape, Window};
use crate::read::{Section, Text, wait};

/// A shape, and where it names properties.
pub(crate) struct Read {
    pub(crate) shape: Shape,
    /// The properties that name days and moments, in the order of [`crate::definition::Promise::named_times`].
    pub(crate) named: Vec<Text>,
}

/// What only something that is kept by a time may say.
const TIMED: [&str; 8] = [
    "kept", "from", "by", "beaten", "moved", "pause", "excused", "gives-up",
];

/// What only something that does not happen may say.
const NEVER: [&str; 2] = ["ends", "for"];

/// Reads the keys of a promise that belong to its shape.
pub(crate) fn read(section: &Section<'_>, around: &Around<'_>) -> Option<Read> {
    if section.has("breaks") {
        let why =
            "`breaks` says that something does not happen: there is nothing to keep by a time";
        foreign(section, &TIMED, why);
        return never(section, around);
    }
    section.get("breaks");
    let why = "an exposure is declared for what does not happen, with `breaks`";
    foreign(section, &NEVER, why);
    let (deadline, named_by) = deadline(section, around);
    if !section.has("from") {
        section.get("from");
        return Some(Read {
            shape: Shape::Deadline(deadline?),
            named: named_by,
        });
    }
    let from = bound::required(section, "from")?;
    let named = from.property.into_iter().chain(named_by).collect();
    let (from, deadline) = (from.by, deadline?);
    Some(Read {
        shape: Shape::Window(Window { from, deadline }),
        named,
    })
}

/// Keys of another shape are mistakes of their own: what was meant cannot be told.
fn foreign(section: &Section<'_>, keys: &[&'static str], why: &str) {
    for key in keys {
        if !section.has(key) {
            continue;
        }
        section.get(key);
        let message = format!("`{key}` belongs to a promise of another shape");
        let spot = section.spot_of(key);
        section
            .report
            .mistake("AM0117", &spot, message, Some(why.to_owned()));
    }
}

fn deadline(section: &Section<'_>, around: &Around<'_>) -> (Option<Deadline>, Vec<Text>) {
    let kept = on::required(
        section,
        "kept",
        "kept = { on = \"order_delivered\" }",
        around,
    );
    let by = bound::required(section, "by");
    let length = |key| {
        section
            .text(key)
            .and_then(|text| wait(&text, section.report))
    };
    let (beaten, gives_up) = (length("beaten"), length("gives-up"));
    let moved = moved(section, around);
    let pause = pause(section, around);
    let excused = on::one(section, "excused", around);
    let mut named = Vec::new();
    let by = by.map(|by| {
        named.extend(by.property);
        by.by
    });
    let moved = moved.map(|(moved, properties)| {
        named.extend(properties);
        moved
    });
    let deadline = || {
        Some(Deadline {
            kept: kept?,
            by: by?,
            beaten,
            moved,
            pause,
            excused,
            gives_up,
        })
    };
    (deadline(), named)
}

fn moved(section: &Section<'_>, around: &Around<'_>) -> Option<(Moved, Vec<Text>)> {
    let inner = section.section("moved")?;
    let on = on::in_section(&inner, around);
    let from = match section.has("from") {
        true => inner.text("from"),
        false => None,
    };
    let by = inner.required("by", "by = \"new_date\"");
    inner.finish();
    let by = by?;
    let moved = Moved {
        on: on?,
        by: by.text.clone(),
        from: from.as_ref().map(|from| from.text.clone()),
    };
    Some((moved, from.into_iter().chain([by]).collect()))
}

fn pause(section: &Section<'_>, around: &Around<'_>) -> Option<Pause> {
    let inner = section.section("pause")?;
    let from = on::required(&inner, "from", "from = \"waiting_for_customer\"", around);
    let to = on::required(&inner, "to", "to = \"customer_answered\"", around);
    inner.finish();
    Some(Pause {
        from: from?,
        to: to?,
    })
}

fn never(section: &Section<'_>, around: &Around<'_>) -> Option<Read> {
    let breaks = on::one(section, "breaks", around);
    let ends: Option<On> = on::one(section, "ends", around);
    let lasts = lasts(section);
    if !section.has("ends") && !section.has("for") {
        let message = format!("{} does not say when its exposure ends", section.title);
        let suggestion = "add what ends it, as in ends = { on = \"contract_ended\" }, or how long it lasts, as in for = \"90 days\"";
        section.report.mistake(
            "AM0118",
            &section.spot_of("breaks"),
            message,
            Some(suggestion.into()),
        );
    }
    Some(Read {
        shape: Shape::Never(Never {
            breaks: breaks?,
            ends,
            lasts,
        }),
        named: Vec::new(),
    })
}

fn lasts(section: &Section<'_>) -> Option<Lasts> {
    let text = section.text("for")?;
    match text.text.trim() {
        "month" => Some(Lasts::Period(Length::Month)),
        "quarter" => Some(Lasts::Period(Length::Quarter)),
        "year" => Some(Lasts::Period(Length::Year)),
        _ => wait(&text, section.report).map(Lasts::For),
    }
}
