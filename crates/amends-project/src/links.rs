//! Definitions held against each other: whatever one names, another must define.

use std::collections::{BTreeMap, BTreeSet};

use amends_model::event;

use crate::definition::{
    Counted, Customers, Hears, IdentifierRule, Lost, On, Place, Promise, Source, Voice,
};
use crate::kind::identifier::undeclared;
use crate::kind::promise::Read;
use crate::nearest::{misspelt, nearest, suggestion};
use crate::read::{Doubts, Report, Spot, Text};

/// The properties of each kind of event that some source gives.
type Kinds = BTreeMap<String, BTreeSet<String>>;

/// Everything that other definitions may name, also what is written with mistakes.
pub(crate) struct Known<'a> {
    pub(crate) touchpoints: &'a [String],
    pub(crate) calendars: Vec<&'a str>,
    pub(crate) sources: Vec<&'a Source>,
    /// Where there may be more than is known.
    pub(crate) doubts: &'a Doubts,
}

/// The folder of the sources.
const SOURCES: &str = "sources";
/// The file of the customers.
const CUSTOMERS: &str = "customers.toml";

/// Checks what a promise names.
pub(crate) fn promise(read: &Read, known: &Known<'_>, report: &Report) {
    let doubts = known.doubts;
    touchpoint(read.touchpoint.as_ref(), known, report);
    if let Some(calendar) = &read.calendar {
        let calendars = known.calendars.iter().copied();
        let file = "amends.toml";
        named(calendar, "calendar", calendars, file, doubts, report);
    }
    let kinds = Given::new(known);
    let promise = &read.promise;
    let mut listens = Vec::new();
    for on in [&promise.opens, promise.awaits()] {
        let consequence = "the promise is not measurable until one does";
        kind(on, &kinds, consequence, &[], report);
        listens.push(on.kind.as_str());
    }
    let needed = listens.clone();
    for (on, consequence) in modifiers(promise) {
        // What opens or keeps a promise was not meant to modify it.
        kind(on, &kinds, consequence, &needed, report);
        listens.push(on.kind.as_str());
    }
    for ((on, name), written) in promise.named_times().into_iter().zip(&read.named_times) {
        property(name, &written.spot, &on.kind, &kinds, report);
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
    if !doubts.is_broken(&promise.place.file) {
        tests(read, &listens, &kinds, report);
    }
}

/// Checks where a promise is felt.
pub(crate) fn touchpoint(touchpoint: Option<&Text>, known: &Known<'_>, report: &Report) {
    if let Some(touchpoint) = touchpoint {
        let touchpoints = known.touchpoints.iter().map(String::as_str);
        let (file, doubts) = ("journey.toml", known.doubts);
        named(touchpoint, "touchpoint", touchpoints, file, doubts, report);
    }
}

/// What modifies a promise, and what is missing where no source gives it.
fn modifiers(promise: &Promise) -> Vec<(&On, &'static str)> {
    let heard = promise.hears().into_iter().skip(2);
    heard
        .map(|(hears, on)| {
            let consequence = match hears {
                Hears::Ends => "its exposure does not end as written until one does",
                Hears::Excused => "nothing excuses the promise until one does",
                Hears::Moved => "nothing moves the deadline until one does",
                Hears::PauseTo | Hears::PauseFrom => {
                    "the clock is not paused as written until one does"
                }
                _ => "the promise is not judged as written until one does",
            };
            (on, consequence)
        })
        .collect()
}

/// Events of a test that the promise does not listen to change nothing: probably their kind is misspelt. Where the promise itself listens to a
/// kind that no source gives, a test of one that is given is right, and what is wrong was told of the promise.
fn tests(read: &Read, listens: &[&str], given: &Given<'_>, report: &Report) {
    let is_given = |kind: &str| given.kinds.contains_key(kind);
    let all_given = listens.iter().all(|kind| is_given(kind));
    for test in &read.promise.tests {
        for event in &test.events {
            let may_be_meant = all_given || !is_given(&event.kind);
            if !listens.contains(&event.kind.as_str()) && may_be_meant {
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
    let kinds = Given::new(known);
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
        kind(
            on,
            &kinds,
            "it cannot be counted until one does",
            &[],
            report,
        );
    }
}

/// Checks the kinds of events by which customers speak up.
pub(crate) fn voice(voice: &Voice, known: &Known<'_>, report: &Report) {
    let kinds = Given::new(known);
    for on in voice.listens() {
        let so = "nobody is heard until one does";
        kind(on, &kinds, so, &[], report);
    }
}

/// Gives the identifiers that sources use and nothing declares their usual rule, and names those that were probably meant otherwise.
pub(crate) fn identifiers(
    rules: &mut BTreeMap<String, IdentifierRule>,
    declared: &[Text],
    known: &Known<'_>,
    counts: Counted,
    report: &Report,
) {
    let mut used: BTreeMap<&str, &Place> = BTreeMap::new();
    for event in known.sources.iter().flat_map(|source| &source.events) {
        for named in &event.identifiers {
            used.entry(&named.identifier).or_insert(&named.place);
        }
    }
    for name in declared {
        let is_used = used.contains_key(name.as_str());
        let place = &name.spot.place;
        if !is_used
            && !known.sources.is_empty()
            && !known.doubts.may_define(&[&name.text], SOURCES, place)
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
    for (name, place) in used {
        if rules.contains_key(name) {
            continue;
        }
        let may_be_declared = || known.doubts.may_define(&[name], CUSTOMERS, place);
        let near = nearest(name, declared.iter().map(Text::as_str));
        if let Some(near) = near.filter(|_| !may_be_declared()) {
            let spot = Spot {
                place: place.clone(),
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
    let spot = declared
        .first()
        .map(|name| name.spot.clone())
        .unwrap_or_else(customers_file);
    let may_name_one = || {
        known
            .doubts
            .may_define(&["account"], CUSTOMERS, &spot.place)
    };
    if counts == Counted::Accounts && !names_accounts && !may_name_one() {
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
    let sources = known.sources.iter().map(|source| source.name.as_str());
    for name in names {
        named(
            name,
            "source",
            sources.clone(),
            SOURCES,
            known.doubts,
            report,
        );
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

/// The kinds that sources give, and where there may be more.
struct Given<'a> {
    kinds: Kinds,
    doubts: &'a Doubts,
}

impl<'a> Given<'a> {
    fn new(known: &Known<'a>) -> Self {
        let mut kinds = Kinds::new();
        let events = known.sources.iter().flat_map(|source| {
            // What has no key of its own is never told of again.
            let with_key = source.key.is_some();
            source.events.iter().map(move |event| (event, with_key))
        });
        for (event, with_key) in events {
            let properties = kinds.entry(event.kind.clone()).or_default();
            properties.extend(event.properties.iter().map(|(name, _)| name.clone()));
            if with_key {
                let mut of_changes = properties.clone();
                let own = event::properties_of_changes();
                of_changes.extend(own.into_iter().map(|(name, _)| name));
                kinds.insert(event::changes_of(&event.kind), of_changes);
            }
        }
        for (_, kind) in known.doubts.events.borrow().iter() {
            kinds.entry(kind.clone()).or_default();
        }
        Self {
            kinds,
            doubts: known.doubts,
        }
    }

    /// Whether a file with mistakes may give a kind this property.
    fn may_have(&self, property: &str, kind: &str, place: &Place) -> bool {
        self.doubts.may_define(&[property, kind], SOURCES, place)
    }
}

fn named<'a>(
    text: &Text,
    what: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    within: &str,
    doubts: &Doubts,
    report: &Report,
) {
    let may_be = || doubts.may_define(&[&text.text], within, &text.spot.place);
    if known.clone().any(|name| name == text.text) || may_be() {
        return;
    }
    let message = format!("there is no {what} {}", text.spot.words);
    let suggestion =
        suggestion(&text.text, known).or_else(|| Some(format!("add [{what}.{}]", text.text)));
    report.mistake("AM0107", &text.spot, message, suggestion);
}

/// A kind that no source gives is no mistake: a promise may stand in the register before there is data. One that is a letter or two from a
/// kind that is given is misspelt, unless what it is near to is among those `taken`.
fn kind(on: &On, given: &Given<'_>, consequence: &str, taken: &[&str], report: &Report) {
    let kinds = &given.kinds;
    if kinds.contains_key(&on.kind) || given.doubts.may_define(&[&on.kind], SOURCES, &on.place) {
        return;
    }
    let spot = Spot {
        place: on.place.clone(),
        words: format!("\"{}\"", on.kind),
    };
    let free = kinds.keys().map(String::as_str);
    let free = free.filter(|kind| !taken.contains(kind));
    let none = format!("no source gives events of the kind `{}`", on.kind);
    if let Some(near) = misspelt(&on.kind, free.clone()) {
        let message = format!("{none}, and one gives `{near}`");
        let suggestion = Some(format!("write \"{near}\""));
        report.mistake("AM0107", &spot, message, suggestion);
        return;
    }
    let near = nearest(&on.kind, free);
    report.warning(
        "AM0107",
        &spot,
        format!("{none}: {consequence}"),
        near.map(|near| format!("write \"{near}\"")),
    );
}

/// A property must be one that some source gives to events of that kind, or a column that every event has.
fn property(name: &str, spot: &Spot, kind: &str, given: &Given<'_>, report: &Report) {
    let Some(properties) = given.kinds.get(kind) else {
        return;
    };
    if properties.contains(name)
        || event::is_reserved(name)
        || given.may_have(name, kind, &spot.place)
    {
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
