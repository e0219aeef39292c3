//! The shape of a promise, told by its keys: `breaks` says that something does not happen, `ahead` that it is announced, `from` opens a window, `by` alone
//! is a deadline.

use amends_model::wait::Wait;
use toml::de::DeValue;

use super::{Around, bound, exposed, on};
use crate::definition::{Before, Deadline, Moved, Notice, Pause, Shape, Window};
use crate::read::{Section, Text, wait};

/// A shape, and where it names properties.
pub(crate) struct Read {
    pub(crate) shape: Shape,
    /// The properties that name days and moments, in the order of [`crate::definition::Promise::named_times`].
    pub(crate) named: Vec<Text>,
}

/// Every key that belongs to some shape.
const ALL: [&str; 28] = [
    "kept",
    "from",
    "by",
    "beaten",
    "moved",
    "pause",
    "excused",
    "gives-up",
    "ahead",
    "before",
    "breaks",
    "at-most",
    "within",
    "ends",
    "for",
    "at-least",
    "every",
    "measures",
    "value",
    "equals",
    "tolerance",
    "least",
    "most",
    "share",
    "per",
    "of",
    "down",
    "up",
];
/// The keys of *own normal* that no other shape has.
const OF_NORMAL: [&str; 2] = ["normal", "history"];

/// Of each shape that is told by a key of its own: this key, what it says, and the keys that go with it. The first that is there tells the shape.
type Told = (&'static str, &'static str, &'static [&'static str]);

const TOLD: [Told; 6] = [
    (
        "ahead",
        "`ahead` says that something is announced before it happens",
        &[
            "ahead", "before", "kept", "beaten", "moved", "excused", "gives-up",
        ],
    ),
    (
        "share",
        "`share` says that a share over a span is kept: there is nothing to keep by a time",
        &["share", "of", "kept", "down", "up", "per", "ends", "for"],
    ),
    (
        "normal",
        "`normal` says that a customer's own history sets the limits",
        &[
            "normal", "history", "measures", "value", "every", "ends", "for",
        ],
    ),
    (
        "measures",
        "`measures` says that what is measured agrees with what was said",
        &[
            "measures",
            "value",
            "equals",
            "tolerance",
            "least",
            "most",
            "ends",
            "for",
        ],
    ),
    (
        "at-least",
        "`at-least` says how often something happens in every span",
        &[
            "at-least", "kept", "every", "pause", "excused", "gives-up", "ends", "for",
        ],
    ),
    (
        "breaks",
        "`breaks` says that something does not happen: there is nothing to keep by a time",
        &["breaks", "at-most", "within", "ends", "for"],
    ),
];

/// What only a deadline and a window may say.
const TIMED: [&str; 8] = [
    "kept", "from", "by", "beaten", "moved", "pause", "excused", "gives-up",
];

/// Reads the keys of a promise that belong to its shape.
pub(crate) fn read(section: &Section<'_>, around: &Around<'_>) -> Option<Read> {
    let told = TOLD.iter().find(|(key, ..)| section.has(key));
    for key in TOLD.iter().map(|(key, ..)| key).chain(&["from"]) {
        if !section.has(key) {
            // A key that is misspelt may be meant to be one of these.
            section.get(key);
        }
    }
    let (why, own) = match told {
        Some((_, why, own)) => (*why, *own),
        None => (
            "an exposure is declared for what does not happen, with `breaks`",
            &TIMED[..],
        ),
    };
    foreign(section, own, why);
    let plain = |shape: Option<Shape>| {
        Some(Read {
            shape: shape?,
            named: Vec::new(),
        })
    };
    match told.map(|(key, ..)| *key) {
        Some("ahead") => notice(section, around),
        Some("share") => plain(exposed::share(section, around)),
        Some("normal") => plain(exposed::normal(section, around)),
        Some("measures") => plain(exposed::matches(section, around)),
        Some("at-least") => plain(exposed::at_least(section, around)),
        Some(_) => plain(exposed::never(section, around)),
        None => timed(section, around),
    }
}

fn timed(section: &Section<'_>, around: &Around<'_>) -> Option<Read> {
    let (deadline, named_by) = deadline(section, around);
    if !section.has("from") {
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
fn foreign(section: &Section<'_>, own: &[&'static str], why: &str) {
    let all = ALL.iter().chain(&OF_NORMAL);
    for key in all.filter(|key| !own.contains(key)) {
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

/// A length of time, if the key is there.
pub(super) fn length(section: &Section<'_>, key: &'static str) -> Option<Wait> {
    let text = section.text(key)?;
    wait(&text, section.report)
}

fn notice(section: &Section<'_>, around: &Around<'_>) -> Option<Read> {
    let example = "kept = { on = \"price_rise_announced\" }";
    let kept = on::required(section, "kept", example, around);
    let ahead = length(section, "ahead");
    let mut named = Vec::new();
    let before = before(section, around, &mut named);
    let (beaten, gives_up) = (length(section, "beaten"), length(section, "gives-up"));
    let excused = on::one(section, "excused", around);
    let moved = moved(section, around).map(|(moved, properties)| {
        named.extend(properties);
        moved
    });
    if let (Some(Before::Event(_)), Some(_)) = (&before, &moved) {
        let message =
            "`moved` belongs to a notice before a day or moment that the opening event names";
        let suggestion = "an event happens when it happens: leave `moved` out";
        let spot = section.spot_of("moved");
        section
            .report
            .mistake("AM0117", &spot, message, Some(suggestion.into()));
        return None;
    }
    let shape = Shape::Notice(Notice {
        kept: kept?,
        ahead: ahead?,
        before: before?,
        beaten,
        moved,
        excused,
        gives_up,
    });
    Some(Read { shape, named })
}

fn before(section: &Section<'_>, around: &Around<'_>, named: &mut Vec<Text>) -> Option<Before> {
    if !section.has("before") {
        section.missing("before", "before = { on = \"price_raised\" }");
        return None;
    }
    let is_property = matches!(
        section.get("before")?.get_ref(),
        DeValue::Table(table) if table.iter().any(|(key, _)| key.get_ref() == "property")
    );
    if !is_property {
        return on::one(section, "before", around).map(Before::Event);
    }
    let read = bound::required(section, "before")?;
    named.extend(read.property);
    Some(Before::Named(read.by))
}

fn deadline(section: &Section<'_>, around: &Around<'_>) -> (Option<Deadline>, Vec<Text>) {
    let kept = on::required(
        section,
        "kept",
        "kept = { on = \"order_delivered\" }",
        around,
    );
    let by = bound::required(section, "by");
    let (beaten, gives_up) = (length(section, "beaten"), length(section, "gives-up"));
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

pub(super) fn pause(section: &Section<'_>, around: &Around<'_>) -> Option<Pause> {
    let inner = section.section("pause")?;
    let from = on::required(&inner, "from", "from = \"waiting_for_customer\"", around);
    let to = on::required(&inner, "to", "to = \"customer_answered\"", around);
    inner.finish();
    Some(Pause {
        from: from?,
        to: to?,
    })
}
