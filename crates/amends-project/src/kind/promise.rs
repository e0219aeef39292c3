//! `promises/*.toml`, `[promise.NAME]`: one promise a file, with its tests.

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::{Around, name, on, promise_test, zone};
use crate::definition::{By, Moved, Pause, Promise};
use crate::read::{Section, Spot, Text, wait};

/// A promise, and where it names other definitions.
pub(crate) struct Read {
    pub(crate) promise: Promise,
    /// Where its touchpoint is named.
    pub(crate) touchpoint: Option<Text>,
    /// Where its calendar is named.
    pub(crate) calendar: Option<Text>,
    /// Where `by` names a property.
    pub(crate) by: Option<Spot>,
    /// Where `moved` names a property.
    pub(crate) moved_by: Option<Spot>,
    /// Where `where` names properties.
    pub(crate) attributes: Vec<Text>,
}

/// Reads the promise of a file. Its name is returned also where it holds mistakes.
pub(crate) fn read_file(whole: &Section<'_>, around: &Around<'_>) -> Vec<(Text, Option<Read>)> {
    let mut promises = whole.named("promise");
    let tests = whole.several("test");
    if promises.is_empty() && !whole.has("promise") {
        whole.missing("promise", "[promise.delivery-date]");
    }
    for (second, _) in promises.iter().skip(1) {
        let message = "a file holds one promise with its tests";
        let suggestion = Some(format!("move it to promises/{}.toml", second.text));
        whole
            .report
            .mistake("AM0113", &second.spot, message, suggestion);
    }
    promises.truncate(1);
    let read = |(name, section): (Text, Section<'_>)| {
        let read = one(&name, &section, &tests, around);
        (name, read)
    };
    let read = promises.into_iter().map(read).collect();
    whole.finish();
    read
}

fn one(
    name: &Text,
    section: &Section<'_>,
    tests: &[Section<'_>],
    around: &Around<'_>,
) -> Option<Read> {
    let report = section.report;
    name::check(name, report);
    let says = section.required(
        "says",
        "says = \"Your order arrives by the date we showed you\"",
    );
    let made_by = section.required("made-by", "made-by = \"checkout\"");
    let opens = required_on(
        section,
        "opens",
        "opens = { on = \"order_placed\" }",
        around,
    );
    let kept = required_on(
        section,
        "kept",
        "kept = { on = \"order_delivered\" }",
        around,
    );
    let by = by(section);
    let length = |key| section.text(key).and_then(|text| wait(&text, report));
    let (beaten, gives_up) = (length("beaten"), length("gives-up"));
    let moved = moved(section, around);
    let pause = pause(section, around);
    let excused = on::one(section, "excused", around);
    let touchpoint = section.text("touchpoint");
    let serious = section.sql("serious", around);
    let attributes = attributes(section);
    let calendar = section.text("calendar");
    let own_zone = section
        .text("zone")
        .and_then(|text| zone::zone(&text, report));
    let zone = own_zone.unwrap_or_else(|| around.zone.clone());
    section.finish();
    let tests = promise_test::read_all(tests, &zone);
    let (by, by_spot) = by?;
    let (moved, moved_by) = match moved {
        Some((moved, spot)) => (Some(moved), Some(spot)),
        None => (None, None),
    };
    let promise = Promise {
        name: name.text.clone(),
        says: says?.text,
        place: name.spot.place.clone(),
        made_by: made_by?.text,
        opens: opens?,
        kept: kept?,
        by,
        beaten,
        moved,
        pause,
        excused,
        gives_up,
        touchpoint: touchpoint.as_ref().map(|name| name.text.clone()),
        serious,
        attributes: attributes.iter().map(|name| name.text.clone()).collect(),
        calendar: calendar
            .as_ref()
            .map_or_else(|| "default".into(), |name| name.text.clone()),
        zone,
        tests,
        version: String::new(),
    };
    Some(Read {
        promise,
        touchpoint,
        calendar,
        by: by_spot,
        moved_by,
        attributes,
    })
}

fn required_on(
    section: &Section<'_>,
    key: &'static str,
    example: &str,
    around: &Around<'_>,
) -> Option<crate::definition::On> {
    if !section.has(key) {
        section.get(key);
        section.missing(key, example);
        return None;
    }
    on::one(section, key, around)
}

/// By when: a length of time, or a property that names the day or the moment.
fn by(section: &Section<'_>) -> Option<(By, Option<Spot>)> {
    const EXAMPLE: &str =
        "by = \"2 business days\", or by = { property = \"promised_for\", as = \"date\" }";
    if !section.has("by") {
        section.get("by");
        section.missing("by", EXAMPLE);
        return None;
    }
    let value = section.get("by")?;
    match value.get_ref() {
        DeValue::String(text) => {
            let text = Text::new(section.file, value.span(), text);
            wait(&text, section.report).map(|wait| (By::After(wait), None))
        }
        DeValue::Table(_) => {
            let inner = section.section("by")?;
            let property = inner.required("property", "property = \"promised_for\"");
            if !inner.has("as") {
                inner.get("as");
                let message =
                    "`by` needs `as`: a date is due at its end, a timestamp at its instant";
                let suggestion = "write as = \"date\" or as = \"timestamp\"".to_owned();
                inner
                    .report
                    .mistake("AM0104", &inner.spot, message, Some(suggestion));
            }
            let is_date = inner.choice("as", &[("date", true), ("timestamp", false)]);
            inner.finish();
            let (property, is_date) = (property?, is_date?);
            let by = if is_date {
                By::Date(property.text)
            } else {
                By::Timestamp(property.text)
            };
            Some((by, Some(property.spot)))
        }
        _ => {
            section.wrong_type(
                "by",
                value,
                &format!("a length of time or a property, as in {EXAMPLE}"),
            );
            None
        }
    }
}

fn moved(section: &Section<'_>, around: &Around<'_>) -> Option<(Moved, Spot)> {
    let inner = section.section("moved")?;
    let event = on::in_section(&inner, around);
    let by = inner.required("by", "by = \"new_date\"");
    inner.finish();
    let by = by?;
    Some((
        Moved {
            on: event?,
            by: by.text,
        },
        by.spot,
    ))
}

fn pause(section: &Section<'_>, around: &Around<'_>) -> Option<Pause> {
    let inner = section.section("pause")?;
    let from = required_on(&inner, "from", "from = \"waiting_for_customer\"", around);
    let to = required_on(&inner, "to", "to = \"customer_answered\"", around);
    inner.finish();
    Some(Pause {
        from: from?,
        to: to?,
    })
}

fn attributes(section: &Section<'_>) -> Vec<Text> {
    let attributes = section.texts("where").unwrap_or_default();
    let mut seen = BTreeSet::new();
    for attribute in &attributes {
        if !seen.insert(attribute.as_str()) {
            let message = format!("`where` names {} twice", attribute.spot.words);
            section
                .report
                .mistake("AM0108", &attribute.spot, message, None);
        }
    }
    attributes
}
