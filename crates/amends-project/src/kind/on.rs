//! `{ on = "order_placed", where = "..." }`, or the kind alone.

use toml::Spanned;
use toml::de::DeValue;

use super::{Around, name};
use crate::definition::On;
use crate::read::{Section, Text};

/// What a key says of events: `"kind"` or `{ on = "kind", where = "sql" }`.
pub(crate) fn one(section: &Section<'_>, key: &'static str, around: &Around<'_>) -> Option<On> {
    let value = section.get(key)?;
    read(section, key, value, around)
}

/// As `one`, but it must be there.
pub(crate) fn required(
    section: &Section<'_>,
    key: &'static str,
    example: &str,
    around: &Around<'_>,
) -> Option<On> {
    is_there(section, key, example).then(|| one(section, key, around))?
}

/// Whether a key is there; where it is not, that is a mistake.
fn is_there(section: &Section<'_>, key: &'static str, example: &str) -> bool {
    let there = section.has(key);
    if !there {
        section.get(key);
        section.missing(key, example);
    }
    there
}

/// As `one`, of an event that may reach many: `{ on = "outage_began", reaches = "exchange" }`.
pub(crate) fn reaching(
    section: &Section<'_>,
    key: &'static str,
    around: &Around<'_>,
) -> Option<On> {
    let value = section.get(key)?;
    let DeValue::Table(_) = value.get_ref() else {
        return read(section, key, value, around);
    };
    let inner = section.section_in(key, value)?;
    let reaches = inner.sql("reaches", around);
    let on = in_section(&inner, around);
    inner.finish();
    Some(On { reaches, ..on? })
}

/// As `reaching`, but it must be there.
pub(crate) fn required_reaching(
    section: &Section<'_>,
    key: &'static str,
    example: &str,
    around: &Around<'_>,
) -> Option<On> {
    is_there(section, key, example).then(|| reaching(section, key, around))?
}

/// As `one`, or several of them in brackets.
pub(crate) fn several(
    section: &Section<'_>,
    key: &'static str,
    around: &Around<'_>,
) -> Option<Vec<On>> {
    let value = section.get(key)?;
    match value.get_ref() {
        DeValue::Array(items) => {
            if items.is_empty() {
                let message = format!("`{key}` names no event");
                section
                    .report
                    .mistake("AM0106", &section.spot_of(key), message, None);
            }
            Some(
                items
                    .iter()
                    .filter_map(|item| read(section, key, item, around))
                    .collect(),
            )
        }
        _ => read(section, key, value, around).map(|on| vec![on]),
    }
}

fn read<'a>(
    section: &Section<'a>,
    key: &'static str,
    value: &'a Spanned<DeValue<'a>>,
    around: &Around<'_>,
) -> Option<On> {
    match value.get_ref() {
        DeValue::String(kind) => {
            let kind = Text::new(section.file, value.span(), kind);
            of_kind(kind, section)
        }
        DeValue::Table(_) => {
            let inner = section.section_in(key, value)?;
            let on = in_section(&inner, around);
            inner.finish();
            on
        }
        _ => {
            section.wrong_type(key, value, "an event, as in { on = \"order_placed\" }");
            None
        }
    }
}

/// The event that a section names by `on` and `where`; the section may hold more.
pub(crate) fn in_section(section: &Section<'_>, around: &Around<'_>) -> Option<On> {
    let kind = section.required("on", "on = \"order_placed\"");
    let condition = section.sql("where", around);
    let on = of_kind(kind?, section)?;
    Some(On { condition, ..on })
}

fn of_kind(kind: Text, section: &Section<'_>) -> Option<On> {
    if !name::check_heard(&kind, section.report) {
        return None;
    }
    Some(On {
        kind: kind.text,
        condition: None,
        reaches: None,
        place: kind.spot.place,
    })
}
