//! Names that definitions give.

use amends_model::event;

use crate::read::{Report, Text};

/// Whether the name of a definition has only small letters, digits, hyphens and underscores; a mistake else.
pub(crate) fn check(name: &Text, report: &Report) -> bool {
    let fine = begins_well(&name.text)
        && name.text.chars().all(|letter| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter)
        });
    if !fine {
        let plain = plain(&name.text, '-');
        let message = "a name has small letters, digits and hyphens, and begins with a letter";
        report.mistake(
            "AM0111",
            &name.spot,
            message,
            plain.map(|plain| format!("write `{plain}`")),
        );
    }
    fine
}

/// Whether the kind of an event is snake_case; a mistake else.
pub(crate) fn check_kind(kind: &Text, report: &Report) -> bool {
    is_snake_case(&kind.text, kind, report)
}

/// As `check_kind`, for events that are heard of: changes of a kind may be among them.
pub(crate) fn check_heard(kind: &Text, report: &Report) -> bool {
    is_snake_case(event::told_by(&kind.text), kind, report)
}

fn is_snake_case(name: &str, kind: &Text, report: &Report) -> bool {
    let fine = begins_well(name)
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if !fine {
        let message =
            "a kind of event has small letters, digits and underscores, as in `order_placed`";
        let plain = plain(&kind.text, '_');
        report.mistake(
            "AM0111",
            &kind.spot,
            message,
            plain.map(|plain| format!("write \"{plain}\"")),
        );
    }
    fine
}

/// Whether a property may have this name; a mistake else.
pub(crate) fn check_property(name: &Text, report: &Report) -> bool {
    if event::is_reserved(&name.text) {
        let message = format!(
            "every event has a column `{}`, so that no property may have this name",
            name.text
        );
        report.mistake(
            "AM0111",
            &name.spot,
            message,
            Some(format!("write for example `{}_said`", name.text)),
        );
        return false;
    }
    let fine = !name.text.trim().is_empty()
        && name.text == name.text.trim()
        && !name.text.contains(char::is_control);
    if !fine {
        let message = "a property needs a name without spaces around it";
        report.mistake("AM0111", &name.spot, message, None);
    }
    fine
}

/// Whether a table can be named so in SQL without quotes; a mistake else.
pub(crate) fn check_alias(name: &Text, report: &Report) -> bool {
    let fine = begins_well(&name.text.to_lowercase())
        && name
            .text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if !fine {
        let message = "a file is a table in SQL: its name has letters, digits and underscores";
        let plain = plain(&name.text, '_');
        report.mistake(
            "AM0111",
            &name.spot,
            message,
            plain.map(|plain| format!("write `{plain}`")),
        );
    }
    fine
}

fn begins_well(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_lowercase())
}

/// The name in small letters, every other sign replaced by a joint; `None` where nothing readable is left.
fn plain(name: &str, joint: char) -> Option<String> {
    let mut plain = String::new();
    let mut before = ' ';
    for letter in name.chars() {
        let follows_small = before.is_ascii_lowercase() || before.is_ascii_digit();
        if letter.is_ascii_alphanumeric() {
            if letter.is_ascii_uppercase() && follows_small {
                plain.push(joint);
            }
            plain.push(letter.to_ascii_lowercase());
        } else if !plain.is_empty() && !plain.ends_with(joint) {
            plain.push(joint);
        }
        before = letter;
    }
    let plain = plain.trim_matches(joint).to_owned();
    begins_well(&plain).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_name_is_put_right() {
        assert_eq!(plain("OrderPlaced", '_').as_deref(), Some("order_placed"));
        assert_eq!(
            plain("Delivery Date!", '-').as_deref(),
            Some("delivery-date")
        );
        assert_eq!(plain("42", '-'), None);
        assert_eq!(plain("ü", '-'), None);
    }
}
