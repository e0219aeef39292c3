//! `[calendar.NAME]`: when the company is open.

use std::collections::{BTreeMap, BTreeSet};

use amends_model::wait::Calendar;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::{name, zone};
use crate::read::{Report, Section, Text};

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// The calendars of a project; `default` is Monday to Friday, nine to five, unless it is written.
pub(crate) fn read(whole: &Section<'_>, zone: &TimeZone) -> BTreeMap<String, Calendar> {
    let mut calendars = BTreeMap::from([("default".to_owned(), Calendar::weekdays(zone.clone()))]);
    for (name, section) in whole.named("calendar") {
        name::check(&name, whole.report);
        calendars.insert(name.text, one(&section, zone));
    }
    calendars
}

fn one(section: &Section<'_>, company: &TimeZone) -> Calendar {
    let report = section.report;
    let own = section
        .text("zone")
        .and_then(|text| zone::zone(&text, report));
    let mut calendar = Calendar {
        zone: own.unwrap_or_else(|| company.clone()),
        hours: Default::default(),
        holidays: BTreeSet::new(),
    };
    for (key, weekday) in WEEKDAYS {
        let written = section.texts(key).unwrap_or_default();
        *calendar.on(weekday) = hours(&written, report);
    }
    if !WEEKDAYS.iter().any(|(key, _)| section.has(key)) {
        section.missing("monday", "monday = \"09:00-17:00\"");
    }
    for text in section.texts("holidays").unwrap_or_default() {
        match text.text.parse::<Date>() {
            Ok(day) => {
                calendar.holidays.insert(day);
            }
            Err(_) => {
                let message = format!("{} is not a day", text.spot.words);
                report.mistake(
                    "AM0106",
                    &text.spot,
                    message,
                    Some("write for example \"2026-01-01\"".into()),
                );
            }
        }
    }
    section.finish();
    calendar
}

/// The hours of one day, sorted and apart.
fn hours(written: &[Text], report: &Report) -> Vec<(Time, Time)> {
    let mut hours: Vec<(Time, Time)> = Vec::new();
    for text in written {
        let Some((opens, closes)) = span(&text.text) else {
            let message = format!("{} are no opening hours", text.spot.words);
            report.mistake(
                "AM0106",
                &text.spot,
                message,
                Some("write for example \"09:00-17:00\"".into()),
            );
            continue;
        };
        if hours.iter().any(|(from, to)| opens < *to && *from < closes) {
            let message = format!("{} overlaps with other hours of that day", text.spot.words);
            report.mistake("AM0106", &text.spot, message, None);
            continue;
        }
        hours.push((opens, closes));
    }
    hours.sort_unstable();
    hours
}

fn span(text: &str) -> Option<(Time, Time)> {
    let (opens, closes) = text.split_once('-')?;
    let opens = clock(opens)?;
    let closes = match closes.trim() {
        "24:00" => Time::MAX,
        closes => clock(closes)?,
    };
    (opens < closes).then_some((opens, closes))
}

pub(super) fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_to_midnight_and_nonsense_is_not() {
        assert!(span("09:00-12:30").is_some());
        assert_eq!(
            span("00:00-24:00").map(|(_, closes)| closes),
            Some(Time::MAX)
        );
        for wrong in [
            "9-17",
            "09:00",
            "17:00-09:00",
            "09:00-09:00",
            "25:00-26:00",
            "9:00-17:00",
            "-",
            "09:0a-10:00",
        ] {
            assert_eq!(span(wrong), None, "{wrong}");
        }
    }
}
