//! Lengths of time and moments as definitions write them.

use amends_model::time;
use amends_model::wait::Wait;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Report, Text};

/// A length of time such as "30 days" or "2 business days".
pub(crate) fn wait(text: &Text, report: &Report) -> Option<Wait> {
    match Wait::parse(&text.text) {
        Ok(wait) => Some(wait),
        Err(problem) => {
            let message = format!("{} is not a length of time", text.spot.words);
            report.mistake(
                "AM0106",
                &text.spot,
                message,
                problem.hint_text().map(str::to_owned),
            );
            None
        }
    }
}

/// A moment: with an offset of its own, or civil in a zone; of a day its first instant.
pub(crate) fn moment(text: &Text, zone: &TimeZone, report: &Report) -> Option<Timestamp> {
    let written = text.text.trim();
    if let Ok(moment) = written.parse::<Timestamp>() {
        return Some(moment);
    }
    let civil = match written.parse::<Date>() {
        Ok(day) if written.len() == 10 => Some(day.at(0, 0, 0, 0)),
        _ => written.parse::<DateTime>().ok(),
    };
    let moment = civil.and_then(|civil| time::instant(civil, zone).ok());
    if moment.is_none() {
        let message = format!("{} is not a moment", text.spot.words);
        let suggestion = "write for example \"2018-03-01T10:00\"".to_owned();
        report.mistake("AM0106", &text.spot, message, Some(suggestion));
    }
    moment.map(|(moment, _)| moment)
}
