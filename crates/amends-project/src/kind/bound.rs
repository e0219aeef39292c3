//! When a promise is due or its window opens: a length of time, or a property that names the day or the moment.

use jiff::civil::Time;
use toml::de::DeValue;

use super::calendar::clock;
use crate::definition::{By, TimeOfDay};
use crate::read::{Section, Text, wait};

/// A bound, and where it names a property.
pub(crate) struct Read {
    pub(crate) by: By,
    pub(crate) property: Option<Text>,
}

/// The bound that a key holds; it must be there.
pub(crate) fn required(section: &Section<'_>, key: &'static str) -> Option<Read> {
    let example = format!(
        "{key} = \"2 business days\", or {key} = {{ property = \"promised_for\", as = \"date\" }}"
    );
    if !section.has(key) {
        section.get(key);
        section.missing(key, &example);
        return None;
    }
    let value = section.get(key)?;
    match value.get_ref() {
        DeValue::String(text) => {
            let text = Text::new(section.file, value.span(), text);
            let wait = wait(&text, section.report)?;
            Some(Read {
                by: By::After(wait),
                property: None,
            })
        }
        DeValue::Table(_) => {
            let inner = section.section(key)?;
            let read = of_property(&inner, key);
            inner.finish();
            read
        }
        _ => {
            let wanted = format!("a length of time or a property, as in {example}");
            section.wrong_type(key, value, &wanted);
            None
        }
    }
}

fn of_property(section: &Section<'_>, key: &str) -> Option<Read> {
    let property = section.required("property", "property = \"promised_for\"");
    let at = match section.has("at") {
        true => Some(section.text("at").and_then(|at| time_of_day(&at, section))),
        false => None,
    };
    let is_date = section.choice("as", &[("date", true), ("timestamp", false)]);
    if at.is_some() && section.has("as") {
        let message = format!("`{key}` says both `as` and `at`");
        let suggestion = "leave `as` out: with `at` the property is a day".to_owned();
        let spot = section.spot_of("as");
        section
            .report
            .mistake("AM0113", &spot, message, Some(suggestion));
    }
    if at.is_none() && !section.has("as") {
        let (message, suggestion) = match key {
            "from" => (
                "`from` needs `as`: a date begins at its first instant, a timestamp is an instant",
                "write as = \"date\" or as = \"timestamp\", or a time of the day, as in at = \"08:00\"",
            ),
            _ => (
                "`by` needs `as`: a date is due at its end, a timestamp at its instant",
                "write as = \"date\" or as = \"timestamp\"",
            ),
        };
        section.missing_any(&["as", "at"], message.to_owned(), suggestion.to_owned());
    }
    let property = property?;
    let name = property.text.clone();
    let by = match (at, is_date) {
        (Some(at), _) => By::Day(name, at?),
        (None, Some(true)) => By::Date(name),
        (None, Some(false)) => By::Timestamp(name),
        (None, None) => return None,
    };
    Some(Read {
        by,
        property: Some(property),
    })
}

fn time_of_day(text: &Text, section: &Section<'_>) -> Option<TimeOfDay> {
    let time = match text.text.trim() {
        "opening" => Some(TimeOfDay::Opening),
        "closing" => Some(TimeOfDay::Closing),
        "24:00" => Some(TimeOfDay::Clock(Time::MAX)),
        written => clock(written).map(TimeOfDay::Clock),
    };
    if time.is_none() {
        let message = format!("{} is no time of a day", text.spot.words);
        let suggestion =
            "write for example \"08:00\", or \"opening\" or \"closing\" of the calendar".to_owned();
        section
            .report
            .mistake("AM0106", &text.spot, message, Some(suggestion));
    }
    time
}
