//! `[[source.NAME.event]]`: one event that a record gives.

use super::{Around, name, sql};
use amends_model::event::column;

use crate::definition::{EventMapping, NamedBy, Sql};
use crate::nearest::nearest;
use crate::read::{Section, Text};

/// The events of a source, in the order written.
pub(crate) fn read_all(
    name: &Text,
    source: &Section<'_>,
    around: &Around<'_>,
) -> Vec<EventMapping> {
    let sections = source.several("event");
    if !source.has("event") || (sections.is_empty() && source.is_list("event")) {
        let example = "[[source.NAME.event]] with kind, at and identifiers";
        source.missing("event", example);
    }
    let mut kinds: Vec<String> = Vec::new();
    let mut events = Vec::new();
    for section in &sections {
        let before = (source.report.mistakes_in_values(), source.report.mistakes());
        let kind = section.required("kind", "kind = \"order_placed\"");
        if let Some(kind) = &kind {
            if kinds.contains(&kind.text) {
                let message = format!("a record of this source gives {} twice", kind.spot.words);
                let suggestion =
                    "a record gives one event of each kind: use another kind, or another source"
                        .to_owned();
                source
                    .report
                    .mistake("AM0108", &kind.spot, message, Some(suggestion));
            }
            kinds.push(kind.text.clone());
        }
        let said = kind.as_ref().map(|kind| kind.text.clone());
        let read = one(kind, section, around);
        // A key that nobody reads takes nothing away, unless it was meant to be the properties.
        let in_doubt = source.report.mistakes_in_values() > before.0
            || read.is_none()
            || (source.report.mistakes() > before.1 && !section.has("properties"));
        events.extend(read);
        if let Some(kind) = said.filter(|_| in_doubt) {
            let mut doubted = around.doubts.events.borrow_mut();
            doubted.insert((name.text.clone(), kind));
        }
    }
    events
}

fn one(kind: Option<Text>, section: &Section<'_>, around: &Around<'_>) -> Option<EventMapping> {
    let kind = kind.filter(|kind| name::check_kind(kind, section.report));
    let at = section.required_sql("at", "at = \"created_at\"", around);
    let planned = section.flag("planned").unwrap_or(false);
    let when = section.sql("when", around);
    let about = section.sql("about", around);
    let identifiers = identifiers(section, around);
    let amount = section.sql("amount", around);
    let currency = section.sql("currency", around);
    let properties = properties(section, around);
    let corrections = corrections(section, &properties);
    section.finish();
    if currency.is_some() && !section.has("amount") {
        let message = "a currency without an amount says nothing";
        section.report.mistake(
            "AM0113",
            &section.spot_of("currency"),
            message,
            Some("add amount = ...".into()),
        );
    }
    let kind = kind?;
    Some(EventMapping {
        place: kind.spot.place.clone(),
        kind: kind.text,
        at: at?,
        planned,
        when,
        about,
        identifiers,
        amount,
        currency,
        properties,
        corrections,
    })
}

/// The properties that are corrected rather than changed: those that the event has, or its amount.
fn corrections(section: &Section<'_>, properties: &[(String, Sql)]) -> Vec<String> {
    let mut known: Vec<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
    if section.has("amount") {
        known.push(column::AMOUNT);
    }
    let mut corrections = Vec::new();
    for name in section.texts("correction").unwrap_or_default() {
        if known.contains(&name.text.as_str()) {
            corrections.push(name.text);
            continue;
        }
        let message = format!(
            "this event has no property {} that could be corrected: what says when, whom and about what is always taken from the newest version",
            name.spot.words
        );
        let near = nearest(&name.text, known.iter().copied());
        let suggestion = near.map(|near| format!("write \"{near}\""));
        section
            .report
            .mistake("AM0113", &name.spot, message, suggestion);
    }
    corrections
}

fn identifiers(section: &Section<'_>, around: &Around<'_>) -> Vec<NamedBy> {
    if !section.has("identifiers") {
        section.get("identifiers");
        section.missing(
            "identifiers",
            "identifiers = { customer = \"customer_id\" }",
        );
        return Vec::new();
    }
    let Some(inner) = section.section("identifiers") else {
        return Vec::new();
    };
    let pairs = inner.pairs();
    if pairs.is_empty() {
        let message = "an event names at least one identifier: whom it happened to";
        let suggestion =
            "write for example identifiers = { customer = \"customer_id\" }".to_owned();
        section
            .report
            .mistake("AM0104", &inner.spot, message, Some(suggestion));
    }
    let one = |(name, text): (Text, Text)| {
        let fine = name::check(&name, section.report);
        let sql = sql::sql(&text, section, around)?;
        fine.then_some(NamedBy {
            identifier: name.text,
            place: name.spot.place,
            sql,
        })
    };
    pairs.into_iter().filter_map(one).collect()
}

fn properties(section: &Section<'_>, around: &Around<'_>) -> Vec<(String, Sql)> {
    let Some(inner) = section.section("properties") else {
        return Vec::new();
    };
    let one = |(name, text): (Text, Text)| {
        let fine = name::check_property(&name, section.report);
        let sql = sql::sql(&text, section, around)?;
        fine.then_some((name.text, sql))
    };
    inner.pairs().into_iter().filter_map(one).collect()
}
