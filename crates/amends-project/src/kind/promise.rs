//! `promises/*.toml`, `[promise.NAME]`: one promise a file, with its tests.

use std::collections::BTreeSet;

use super::{Around, great, name, on, promise_test, shape, zone};
use crate::definition::{About, Promise, Shape, Spell, Unmeasured};
use crate::read::{Section, Text};

/// A promise, and where it names other definitions.
pub(crate) struct Read {
    pub(crate) promise: Promise,
    /// Where its touchpoint is named.
    pub(crate) touchpoint: Option<Text>,
    /// Where its calendar is named.
    pub(crate) calendar: Option<Text>,
    /// Where days and moments are named, in the order of `Promise::named_times`.
    pub(crate) named_times: Vec<Text>,
    /// Where `where` names properties.
    pub(crate) attributes: Vec<Text>,
}

/// What a file holds.
pub(crate) enum Found {
    /// A promise that can be judged.
    Promise(Box<Read>),
    /// One that stands in the register, and where its touchpoint is named.
    Unmeasured(Box<Unmeasured>, Option<Text>),
}

/// Reads the promise of a file. Its name is returned also where it holds mistakes.
pub(crate) fn read_file(whole: &Section<'_>, around: &Around<'_>) -> Vec<(Text, Option<Found>)> {
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
        let read = match section.has("needs") {
            true => unmeasured(&name, &section, &tests),
            false => {
                one(&name, &section, &tests, around).map(|read| Found::Promise(Box::new(read)))
            }
        };
        (name, read)
    };
    let read = promises.into_iter().map(read).collect();
    whole.finish();
    read
}

/// A promise that says what it needs: it opens nothing, and is never judged.
fn unmeasured(name: &Text, section: &Section<'_>, tests: &[Section<'_>]) -> Option<Found> {
    name::check(name, section.report);
    let says = section.required("says", "says = \"We answer before you have to ask twice\"");
    let made_by = section.required("made-by", "made-by = \"support\"");
    let needs = section.required("needs", "needs = \"the call centre's log\"");
    let touchpoint = section.text("touchpoint");
    let suggestion = "leave `needs` out once it can be measured";
    for key in [
        "opens", "kept", "breaks", "by", "measures", "great", "serious", "where", "about",
    ] {
        if section.has(key) {
            section.get(key);
            let message = format!("a promise with `needs` is not judged, so `{key}` says nothing");
            let spot = section.spot_of(key);
            section
                .report
                .mistake("AM0117", &spot, message, Some(suggestion.into()));
        }
    }
    if !tests.is_empty() {
        let message = "a promise with `needs` is not judged: there is nothing to test";
        let spot = section.spot_of("needs");
        section
            .report
            .mistake("AM0117", &spot, message, Some(suggestion.into()));
    }
    for test in tests {
        // They are read so that they are not told to be unknown too.
        promise_test::read_all(std::slice::from_ref(test), &jiff::tz::TimeZone::UTC);
    }
    section.finish();
    let promise = Unmeasured {
        name: name.text.clone(),
        says: says?.text,
        made_by: made_by?.text,
        touchpoint: touchpoint.as_ref().map(|name| name.text.clone()),
        needs: needs?.text,
        place: name.spot.place.clone(),
        version: String::new(),
    };
    Some(Found::Unmeasured(Box::new(promise), touchpoint))
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
    let opens = on::required(
        section,
        "opens",
        "opens = { on = \"order_placed\" }",
        around,
    );
    let about = section.choice(
        "about",
        &[("record", About::Record), ("customer", About::Customer)],
    );
    section.get("needs");
    let shape = shape::read(section, around);
    let stands = section.sql("stands-on", around);
    let touchpoint = section.text("touchpoint");
    let great = great::great(section);
    let serious = section.sql("serious", around);
    let attributes = attributes(section);
    let calendar = section.text("calendar");
    let own_zone = section
        .text("zone")
        .and_then(|text| zone::zone(&text, report));
    let zone = own_zone.unwrap_or_else(|| around.zone.clone());
    section.finish();
    let tests = promise_test::read_all(tests, &zone);
    let shape = shape?;
    reaching(section, &shape.shape, stands.is_some());
    let promise = Promise {
        name: name.text.clone(),
        // A sentence that is missing is a mistake, and no reason to leave the rest unexamined.
        says: says.map(|says| says.text).unwrap_or_default(),
        place: name.spot.place.clone(),
        made_by: made_by.map(|name| name.text).unwrap_or_default(),
        opens: opens?,
        about: about.unwrap_or_default(),
        stands,
        shape: shape.shape,
        touchpoint: touchpoint.as_ref().map(|name| name.text.clone()),
        great,
        serious,
        attributes: attributes.iter().map(|name| name.text.clone()).collect(),
        calendar: around.calendar(
            calendar
                .as_ref()
                .map_or("default", |name| name.text.as_str()),
        ),
        zone,
        tests,
        version: String::new(),
        spell: Spell::default(),
    };
    Some(Read {
        promise,
        touchpoint,
        calendar,
        named_times: shape.named,
        attributes,
    })
}

/// What reaches many is heard by what stands there: one says nothing without the other.
fn reaching(section: &Section<'_>, shape: &Shape, stands: bool) {
    let reaches = shape.reaching();
    let (key, message, suggestion) = match (reaches.first(), stands) {
        (Some(on), false) => (
            "opens",
            format!(
                "`reaches` of {} finds nobody: the promise does not say where it stands",
                on.kind
            ),
            "add stands-on, SQL over the opening event, as in stands-on = \"exchange\"",
        ),
        (None, true) => (
            "stands-on",
            "nothing reaches what stands there".to_owned(),
            "say what an event reaches, as in breaks = { on = \"outage_began\", reaches = \"exchange\" }, or leave `stands-on` out",
        ),
        _ => return,
    };
    let spot = section.spot_of(key);
    section
        .report
        .mistake("AM0120", &spot, message, Some(suggestion.into()));
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
