//! Definitions held against each other: whatever one names, another must define.

use std::collections::{BTreeMap, BTreeSet};

use amends_model::event;

use crate::definition::{Counted, Customers, IdentifierRule, Lost, On, Source};
use crate::kind::identifier::undeclared;
use crate::kind::promise::Read;
use crate::nearest::{nearest, suggestion};
use crate::read::{Report, Spot, Text};

/// The properties of each kind of event that some source gives.
type Kinds = BTreeMap<String, BTreeSet<String>>;

/// Everything that other definitions may name, also what is written with mistakes.
pub(crate) struct Known<'a> {
    pub(crate) touchpoints: &'a [String],
    pub(crate) calendars: Vec<&'a str>,
    pub(crate) sources: Vec<&'a Source>,
    /// Whether the sources hold no mistakes: else there may be more kinds than are known.
    pub(crate) sources_are_whole: bool,
    /// Whether the journey holds none.
    pub(crate) journey_is_whole: bool,
}

/// Checks what a promise names.
pub(crate) fn promise(read: &Read, known: &Known<'_>, report: &Report) {
    if let Some(touchpoint) = read.touchpoint.as_ref().filter(|_| known.journey_is_whole) {
        named(
            touchpoint,
            "touchpoint",
            known.touchpoints.iter().map(String::as_str),
            report,
        );
    }
    if let Some(calendar) = &read.calendar {
        named(
            calendar,
            "calendar",
            known.calendars.iter().copied(),
            report,
        );
    }
    if !known.sources_are_whole {
        return;
    }
    let kinds = kinds(&known.sources);
    let promise = &read.promise;
    let others = [
        &promise.excused,
        &promise.moved.as_ref().map(|moved| moved.on.clone()),
    ];
    let pauses = promise
        .pause
        .iter()
        .flat_map(|pause| [&pause.from, &pause.to]);
    let all = [&promise.opens, &promise.kept]
        .into_iter()
        .chain(others.into_iter().flatten())
        .chain(pauses);
    let mut listens = Vec::new();
    for on in all {
        kind(
            on,
            &kinds,
            "the promise is not measurable until one does",
            report,
        );
        listens.push(on.kind.as_str());
    }
    if let (Some(spot), Some(name)) = (&read.by, promise.by.property()) {
        property(name, spot, &promise.opens.kind, &kinds, report);
    }
    if let (Some(spot), Some(moved)) = (&read.moved_by, &promise.moved) {
        property(&moved.by, spot, &moved.on.kind, &kinds, report);
    }
    for attribute in &read.attributes {
        property(
            &attribute.text,
            &attribute.spot,
            &promise.opens.kind,
            &kinds,
            report,
        );
    }
    tests(read, &listens, report);
}

/// Events of a test that the promise does not listen to change nothing: probably their kind is misspelt.
fn tests(read: &Read, listens: &[&str], report: &Report) {
    for test in &read.promise.tests {
        for event in &test.events {
            if !listens.contains(&event.kind.as_str()) {
                let spot = Spot {
                    place: event.place.clone(),
                    words: format!("\"{}\"", event.kind),
                };
                let message = format!(
                    "the promise does not listen to `{}`, which happens in this test",
                    event.kind
                );
                report.warning(
                    "AM0114",
                    &spot,
                    message,
                    suggestion(&event.kind, listens.iter().copied()),
                );
            }
        }
    }
}

/// Checks the kinds of events that say who is a customer.
pub(crate) fn customers(customers: &Customers, known: &Known<'_>, report: &Report) {
    if !known.sources_are_whole {
        return;
    }
    let kinds = kinds(&known.sources);
    let lost = match &customers.lost {
        Lost::Contract { on } => on,
        Lost::Silence { activity, .. } => activity,
    };
    let all = [
        &customers.new,
        lost,
        &customers.would_recommend,
        &customers.did_recommend,
    ];
    for on in all.into_iter().flatten() {
        kind(on, &kinds, "it cannot be counted until one does", report);
    }
}

/// Gives the identifiers that sources use and nothing declares their usual rule, and names those that were probably meant otherwise.
pub(crate) fn identifiers(
    rules: &mut BTreeMap<String, IdentifierRule>,
    declared: &[Text],
    known: &Known<'_>,
    counts: Option<Counted>,
    report: &Report,
) {
    let mut used: BTreeMap<&str, &crate::Sql> = BTreeMap::new();
    for event in known.sources.iter().flat_map(|source| &source.events) {
        for (name, sql) in &event.identifiers {
            used.entry(name).or_insert(sql);
        }
    }
    for name in declared {
        if known.sources_are_whole && !known.sources.is_empty() && !used.contains_key(name.as_str())
        {
            let message = format!("no source uses the identifier `{}`", name.text);
            let near = nearest(&name.text, used.keys().copied());
            report.warning(
                "AM0107",
                &name.spot,
                message,
                near.map(|near| format!("write `{near}`")),
            );
        }
    }
    for (name, sql) in used {
        if rules.contains_key(name) {
            continue;
        }
        if let Some(near) = nearest(name, declared.iter().map(Text::as_str)) {
            let spot = Spot {
                place: sql.place.clone(),
                words: name.to_owned(),
            };
            let message = format!(
                "the identifier `{name}` is not declared in customers.toml, and `{near}` is"
            );
            report.warning(
                "AM0107",
                &spot,
                message,
                Some(format!("write `{near}`, or add [identifier.{name}]")),
            );
        }
        rules.insert(name.to_owned(), undeclared(name));
    }
    let names_accounts = rules.values().any(|rule| rule.names == Counted::Accounts);
    if counts == Some(Counted::Accounts) && !names_accounts {
        let spot = declared
            .first()
            .map(|name| name.spot.clone())
            .unwrap_or_else(customers_file);
        let message = "accounts are counted, and no identifier names an account";
        report.mistake(
            "AM0113",
            &spot,
            message,
            Some("write names = \"account\" in the identifier of an organisation".into()),
        );
    }
}

/// Checks the sources whose personal fields are kept for a time only.
pub(crate) fn retention(names: &[Text], known: &Known<'_>, report: &Report) {
    if !known.sources_are_whole {
        return;
    }
    let sources = known.sources.iter().map(|source| source.name.as_str());
    for name in names {
        named(name, "source", sources.clone(), report);
    }
}

fn customers_file() -> Spot {
    let place = crate::Place {
        file: "customers.toml".into(),
        line: 1,
        column: 1,
    };
    Spot {
        place,
        words: String::new(),
    }
}

fn kinds(sources: &[&Source]) -> Kinds {
    let mut kinds = Kinds::new();
    for event in sources.iter().flat_map(|source| &source.events) {
        let properties = kinds.entry(event.kind.clone()).or_default();
        properties.extend(event.properties.iter().map(|(name, _)| name.clone()));
    }
    kinds
}

fn named<'a>(
    text: &Text,
    what: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    report: &Report,
) {
    if known.clone().any(|name| name == text.text) {
        return;
    }
    let message = format!("there is no {what} {}", text.spot.words);
    let suggestion =
        suggestion(&text.text, known).or_else(|| Some(format!("add [{what}.{}]", text.text)));
    report.mistake("AM0107", &text.spot, message, suggestion);
}

/// A kind that no source gives is no mistake: a promise may stand in the register before there is data.
fn kind(on: &On, kinds: &Kinds, consequence: &str, report: &Report) {
    if kinds.contains_key(&on.kind) {
        return;
    }
    let spot = Spot {
        place: on.place.clone(),
        words: format!("\"{}\"", on.kind),
    };
    let message = format!(
        "no source gives events of the kind `{}`: {consequence}",
        on.kind
    );
    let near = nearest(&on.kind, kinds.keys().map(String::as_str));
    report.warning(
        "AM0107",
        &spot,
        message,
        near.map(|near| format!("write \"{near}\"")),
    );
}

/// A property must be one that some source gives to events of that kind, or a column that every event has.
fn property(name: &str, spot: &Spot, kind: &str, kinds: &Kinds, report: &Report) {
    let Some(properties) = kinds.get(kind) else {
        return;
    };
    if properties.contains(name) || event::is_reserved(name) {
        return;
    }
    let message = format!("no source gives `{name}` to `{kind}`");
    let suggestion = suggestion(name, properties.iter().map(String::as_str)).or_else(|| {
        Some(format!(
            "add `{name}` to the properties of `{kind}` in its source"
        ))
    });
    report.mistake("AM0107", spot, message, suggestion);
}
