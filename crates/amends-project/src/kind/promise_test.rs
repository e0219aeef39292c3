//! `[[test]]` in a promise's file: what happens, and what is then expected.

use std::collections::BTreeMap;
use std::str::FromStr;

use amends_model::State;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo};
use toml::Spanned;
use toml::de::DeValue;

use super::name;
use crate::definition::{Expectation, PromiseTest, TestEvent, TestValue};
use crate::nearest::{listed, nearest};
use crate::read::{Section, Text, moment};

/// Reads the tests of a promise. Civil times are in its zone.
pub(crate) fn read_all(sections: &[Section<'_>], zone: &TimeZone) -> Vec<PromiseTest> {
    let mut names: Vec<String> = Vec::new();
    let mut tests = Vec::new();
    for section in sections {
        let Some(test) = one(section, zone) else {
            continue;
        };
        if names.contains(&test.name) {
            let message = "another test of this promise has the same name";
            section
                .report
                .mistake("AM0108", &section.spot_of("name"), message, None);
        }
        names.push(test.name.clone());
        tests.push(test);
    }
    tests
}

fn one(section: &Section<'_>, zone: &TimeZone) -> Option<PromiseTest> {
    let report = section.report;
    let name = section.required("name", "name = \"late by three days\"");
    let read_moment = |key| {
        section
            .text_or_time(key)
            .and_then(|text| moment(&text, zone, report))
    };
    let (as_of, complete_until) = (read_moment("as-of"), read_moment("complete-until"));
    let sections = section.several("events");
    let events: Vec<Option<TestEvent>> = sections
        .iter()
        .map(|section| event(section, zone))
        .collect();
    if !section.has("events") {
        section.missing(
            "events",
            "events = [{ at = \"2018-03-01T10:00\", kind = \"order_placed\", about = \"o1\" }]",
        );
    }
    let expected = section.several("expect");
    let mut abouts: Vec<String> = events
        .iter()
        .flatten()
        .map(|event| event.about.clone())
        .collect();
    abouts.sort_unstable();
    abouts.dedup();
    let all_known = events.iter().all(Option::is_some);
    let expect: Vec<Expectation> = expected
        .iter()
        .filter_map(|section| expectation(section, zone, all_known.then_some(abouts.as_slice())))
        .collect();
    if !section.has("expect")
        || (expected.is_empty() && section.has("expect") && section.is_list("expect"))
    {
        section.missing("expect", "expect = [{ about = \"o1\", is = \"kept\" }]");
    }
    section.finish();
    let name = name?;
    Some(PromiseTest {
        place: name.spot.place.clone(),
        name: name.text,
        events: events.into_iter().flatten().collect(),
        as_of,
        complete_until,
        expect,
    })
}

fn event(section: &Section<'_>, zone: &TimeZone) -> Option<TestEvent> {
    let report = section.report;
    if !section.has("at") {
        section.missing("at", "at = \"2018-03-01T10:00\"");
    }
    let at = section
        .text_or_time("at")
        .and_then(|text| moment(&text, zone, report));
    let kind = section.required("kind", "kind = \"order_placed\"");
    let kind = kind.filter(|kind| name::check_heard(kind, report));
    let about = section.required("about", "about = \"o1\"");
    let mut properties = BTreeMap::new();
    for (key, value) in section.entries() {
        if ["at", "kind", "about"].contains(&key.as_str()) {
            continue;
        }
        if let Some(value) = property(section, &key, value) {
            properties.insert(key.text, value);
        }
    }
    let kind = kind?;
    Some(TestEvent {
        place: kind.spot.place,
        at: at?,
        kind: kind.text,
        about: about?.text,
        properties,
    })
}

fn property<'a>(
    section: &Section<'a>,
    key: &Text,
    value: &'a Spanned<DeValue<'a>>,
) -> Option<TestValue> {
    let wanted = "text, a number, true or false, a date, or a list of texts";
    match value.get_ref() {
        DeValue::String(text) => Some(TestValue::Text(text.to_string())),
        DeValue::Boolean(flag) => Some(TestValue::Boolean(*flag)),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(TestValue::Integer);
            too_large(section, value, number)
        }
        DeValue::Float(number) => {
            let number = number.as_str().parse().ok().map(TestValue::Number);
            too_large(section, value, number)
        }
        DeValue::Datetime(written) => {
            let written = written.to_string();
            Some(
                Date::from_str(&written)
                    .ok()
                    .filter(|_| written.len() == 10)
                    .map_or(TestValue::Text(written), TestValue::Date),
            )
        }
        DeValue::Array(items) => {
            let mut texts = Vec::new();
            for item in items.iter() {
                match item.get_ref() {
                    DeValue::String(text) => texts.push(text.to_string()),
                    _ => section.wrong_type(&key.text, item, "a list of texts"),
                }
            }
            Some(TestValue::Texts(texts))
        }
        DeValue::Table(_) => {
            section.wrong_type(&key.text, value, wanted);
            None
        }
    }
}

fn too_large(
    section: &Section<'_>,
    value: &Spanned<DeValue<'_>>,
    number: Option<TestValue>,
) -> Option<TestValue> {
    if number.is_none() {
        let spot = section.file.spot(value.span());
        section
            .report
            .mistake("AM0106", &spot, "this number is too large", None);
    }
    number
}

fn expectation(
    section: &Section<'_>,
    zone: &TimeZone,
    abouts: Option<&[String]>,
) -> Option<Expectation> {
    let report = section.report;
    let about = section.required("about", "about = \"o1\"");
    let is = section
        .required("is", "is = \"kept\"")
        .and_then(|text| state(&text, section));
    let read_moment = |key| {
        section
            .text_or_time(key)
            .and_then(|text| moment(&text, zone, report))
    };
    let (could_have_known, due) = (read_moment("could-have-known"), read_moment("due"));
    let length = |key| section.text(key).and_then(|text| exact(&text, section));
    let (late_by, early_by) = (length("late-by"), length("early-by"));
    let serious = section
        .integer("serious", 0, 3)
        .and_then(|serious| u8::try_from(serious).ok());
    section.finish();
    let (about, is) = (about?, is?);
    if let Some(abouts) = abouts.filter(|abouts| is.is_some() && !abouts.contains(&about.text)) {
        let message = format!("no event of this test is about {}", about.spot.words);
        let suggestion = crate::nearest::suggestion(&about.text, abouts.iter().map(String::as_str));
        report.mistake("AM0114", &about.spot, message, suggestion);
    }
    Some(Expectation {
        place: about.spot.place,
        about: about.text,
        is,
        could_have_known,
        late_by,
        early_by,
        serious,
        due,
    })
}

/// A state by its word; "none" says that nothing opened the promise.
fn state(text: &Text, section: &Section<'_>) -> Option<Option<State>> {
    if text.text == "none" {
        return Some(None);
    }
    if let Ok(state) = State::from_str(&text.text) {
        return Some(Some(state));
    }
    let mut known: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
    known.push("none");
    let suggestion = match nearest(&text.text, known.iter().copied()) {
        Some(near) => format!("write \"{near}\""),
        None => format!("one of {}", listed(&known)),
    };
    let message = format!("there is no state {}", text.spot.words);
    section
        .report
        .mistake("AM0114", &text.spot, message, Some(suggestion));
    None
}

/// A length of exact time: a day is 24 hours.
fn exact(text: &Text, section: &Section<'_>) -> Option<SignedDuration> {
    let span = text.text.trim().parse::<Span>().ok();
    let exact = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    if exact.is_none() {
        let message = format!("{} is not a length of exact time", text.spot.words);
        let suggestion =
            "write days, hours, minutes and seconds, as in \"2 days 9 hours\"".to_owned();
        section
            .report
            .mistake("AM0106", &text.spot, message, Some(suggestion));
    }
    exact
}
