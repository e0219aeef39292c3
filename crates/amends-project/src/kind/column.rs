//! `[source.NAME.file.ALIAS.columns]`: the types of columns. Types are declared, never guessed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::DeValue;

use super::{Around, zone};
use crate::definition::{ColumnRule, ColumnType};
use crate::nearest::{listed, nearest};
use crate::read::{Section, Text};

const TYPES: [(&str, ColumnType); 9] = [
    ("text", ColumnType::Text),
    ("integer", ColumnType::Integer),
    ("number", ColumnType::Number),
    ("boolean", ColumnType::Boolean),
    ("date", ColumnType::Date),
    ("month", ColumnType::Month),
    ("timestamp", ColumnType::Timestamp),
    ("epoch-seconds", ColumnType::EpochSeconds),
    ("epoch-millis", ColumnType::EpochMillis),
];

/// What other programs call these types.
const ALSO: [(&str, &str); 14] = [
    ("string", "text"),
    ("str", "text"),
    ("varchar", "text"),
    ("int", "integer"),
    ("bigint", "integer"),
    ("float", "number"),
    ("double", "number"),
    ("decimal", "number"),
    ("numeric", "number"),
    ("bool", "boolean"),
    ("datetime", "timestamp"),
    ("time", "timestamp"),
    ("epoch", "epoch-seconds"),
    ("currency", "money"),
];

/// The rules of a file's columns.
pub(crate) fn read_all(file: &Section<'_>, around: &Around<'_>) -> BTreeMap<String, ColumnRule> {
    let mut rules = BTreeMap::new();
    let Some(section) = file.section("columns") else {
        return rules;
    };
    for (name, value) in section.entries() {
        if let Some(rule) = one(&section, &name, value, around) {
            rules.insert(name.text, rule);
        }
    }
    rules
}

fn one<'a>(
    section: &Section<'a>,
    name: &Text,
    value: &'a Spanned<DeValue<'a>>,
    around: &Around<'_>,
) -> Option<ColumnRule> {
    let place = section.file.place(value.span().start);
    match value.get_ref() {
        DeValue::String(written) => {
            let written = Text::new(section.file, value.span(), written);
            let kind = kind(&written, section, around)?;
            Some(ColumnRule {
                kind,
                format: None,
                place,
            })
        }
        DeValue::Table(_) => {
            let inner = section.section_of(name, value)?;
            let written = inner.required("type", "type = \"timestamp\"");
            let kind = written.and_then(|written| kind(&written, section, around));
            let format = inner.text("format");
            inner.finish();
            let kind = kind?;
            let format = format.and_then(|text| checked_format(text, kind, section));
            Some(ColumnRule {
                kind,
                format,
                place,
            })
        }
        _ => {
            section.wrong_type(&name.text, value, "text that names a type, as in \"date\"");
            None
        }
    }
}

fn kind(written: &Text, section: &Section<'_>, around: &Around<'_>) -> Option<ColumnType> {
    let word = written.text.trim();
    if let Some((_, kind)) = TYPES.iter().find(|(name, _)| *name == word) {
        return Some(*kind);
    }
    if word == "money" {
        return Some(ColumnType::Money(around.currency));
    }
    if let Some(code) = word.strip_prefix("money:") {
        let code = Text {
            text: code.trim().to_owned(),
            ..written.clone()
        };
        return zone::currency(&code, section.report).map(ColumnType::Money);
    }
    let message = format!("{} is no type of column", written.spot.words);
    let lower = word.to_lowercase();
    let mut known: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
    known.push("money");
    let other = ALSO
        .iter()
        .find(|(theirs, _)| *theirs == lower)
        .map(|(_, ours)| *ours);
    let suggestion = match other.or_else(|| nearest(&lower, known.iter().copied())) {
        Some(near) => format!("write \"{near}\""),
        None => format!("one of {}", listed(&known)),
    };
    section
        .report
        .mistake("AM0106", &written.spot, message, Some(suggestion));
    None
}

/// A strptime format that jiff knows, on a type that has one.
fn checked_format(text: Text, kind: ColumnType, section: &Section<'_>) -> Option<String> {
    if !matches!(
        kind,
        ColumnType::Date | ColumnType::Month | ColumnType::Timestamp
    ) {
        let message = "only dates, months and timestamps have a format";
        section.report.mistake("AM0113", &text.spot, message, None);
        return None;
    }
    let sample = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    let known = strtime::format(text.as_str(), &sample);
    let says_anything = known.as_ref().is_ok_and(|shown| *shown != text.text);
    if says_anything {
        return Some(text.text);
    }
    let message = match known {
        Ok(_) => format!("{} holds no part of a date", text.spot.words),
        Err(error) => format!("{} is no format of a date: {error}", text.spot.words),
    };
    let suggestion = "write it with % and letters, as in \"%Y-%m-%d %H:%M:%S\"".to_owned();
    section
        .report
        .mistake("AM0106", &text.spot, message, Some(suggestion));
    None
}
