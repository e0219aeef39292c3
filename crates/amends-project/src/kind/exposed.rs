//! The shapes that bind while something lasts: never, at most, at least, match, share, own normal.

use amends_model::period::Length;
use toml::Spanned;
use toml::de::DeValue;

use super::shape::{length, pause};
use super::{Around, on};
use crate::definition::{
    AtLeast, AtMost, Exposed, Lasts, Limits, Match, Never, Normal, Shape, Share, ShareOf, Side,
    Tolerance,
};
use crate::read::{Section, Text, wait};

/// So many at most may be counted.
const MOST: i64 = 1_000_000;

pub(super) fn never(section: &Section<'_>, around: &Around<'_>) -> Option<Shape> {
    let breaks = on::reaching(section, "breaks", around);
    let count = section.integer("at-most", 1, MOST);
    let within = length(section, "within");
    if !section.has("at-most") && section.has("within") {
        let message = "`within` is the span of `at-most`, which is not there";
        let suggestion = "add at-most = 1, or say how long the promise binds with `for`";
        section.report.mistake(
            "AM0113",
            &section.spot_of("within"),
            message,
            Some(suggestion.into()),
        );
    }
    let exposed = exposed(section, "breaks", around);
    let at_most = count.and_then(|count| {
        Some(AtMost {
            count: u32::try_from(count).ok()?,
            within,
        })
    });
    Some(Shape::Never(Never {
        breaks: breaks?,
        at_most,
        ends: exposed.ends,
        lasts: exposed.lasts,
    }))
}

pub(super) fn at_least(section: &Section<'_>, around: &Around<'_>) -> Option<Shape> {
    let example = "kept = { on = \"account_reviewed\" }";
    let kept = on::required(section, "kept", example, around);
    let count = section.integer("at-least", 1, MOST);
    if !section.has("every") {
        section.missing("every", "every = \"quarter\"");
    }
    let every = lasts(section, "every");
    let pause_spot = section.spot_of("pause");
    let pause = pause(section, around);
    if let (Some(Lasts::Period(_)), Some(_)) = (every, &pause) {
        let message =
            "`pause` stops the clock of a length of time, and a month of the calendar has none";
        let suggestion =
            "write `every` as a length, as in every = \"30 days\", or leave `pause` out";
        section
            .report
            .mistake("AM0117", &pause_spot, message, Some(suggestion.into()));
    }
    let excused = on::one(section, "excused", around);
    let gives_up = length(section, "gives-up");
    let exposed = exposed(section, "at-least", around);
    Some(Shape::AtLeast(AtLeast {
        kept: kept?,
        count: u32::try_from(count?).ok()?,
        every: every?,
        excused,
        pause,
        gives_up,
        exposed,
    }))
}

pub(super) fn matches(section: &Section<'_>, around: &Around<'_>) -> Option<Shape> {
    let measures = on::reaching(section, "measures", around);
    if !section.has("value") {
        section.missing("value", "value = \"amount\"");
    }
    let value = section.sql("value", around);
    let (equals, least, most) = (
        section.sql("equals", around),
        section.sql("least", around),
        section.sql("most", around),
    );
    let tolerance = match section.has("tolerance") {
        true => section
            .get("tolerance")
            .and_then(|value| tolerance(section, value)),
        false => Some(Tolerance::Absolute(0.0)),
    };
    let between = section.has("least") || section.has("most");
    let wrong = |key: &str, message: &str, suggestion: &str| {
        let spot = section.spot_of(key);
        let suggestion = Some(suggestion.to_owned());
        section.report.mistake("AM0113", &spot, message, suggestion);
    };
    match (section.has("equals"), between) {
        (true, true) => wrong(
            "equals",
            "a promise says either what a value equals or its limits",
            "leave `equals` out, or `least` and `most`",
        ),
        (false, false) => section.missing_any(
            &["equals", "least", "most"],
            format!(
                "{} does not say what the value is held against",
                section.title
            ),
            "add equals = \"quoted\", or limits, as in least = \"100\"".into(),
        ),
        (false, true) if section.has("tolerance") => wrong(
            "tolerance",
            "`tolerance` belongs to `equals`",
            "write the limits so that they are what is meant",
        ),
        _ => {}
    }
    let limits = match equals {
        Some(equals) => Limits::Equal(equals, tolerance?),
        None => Limits::Between(least, most),
    };
    let exposed = Exposed {
        ends: on::one(section, "ends", around),
        lasts: lasts(section, "for"),
    };
    Some(Shape::Match(Match {
        measures: measures?,
        value: value?,
        limits,
        exposed,
    }))
}

/// A number, or a share of what is equalled: `"5 %"`.
fn tolerance(section: &Section<'_>, value: &Spanned<DeValue<'_>>) -> Option<Tolerance> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok().map(Tolerance::Absolute),
        DeValue::Float(number) => number.as_str().parse().ok().map(Tolerance::Absolute),
        DeValue::String(text) => ppm(text).map(|ppm| Tolerance::Share(f64::from(ppm) / 1e6)),
        _ => None,
    };
    let fine = number.filter(|tolerance| {
        let (Tolerance::Absolute(size) | Tolerance::Share(size)) = tolerance;
        size.is_finite() && *size >= 0.0
    });
    if fine.is_none() {
        section.wrong_type("tolerance", value, "a number, or a share such as \"5 %\"");
    }
    fine
}

pub(super) fn share(section: &Section<'_>, around: &Around<'_>) -> Option<Shape> {
    let least = section.text("share").and_then(|text| {
        let least = ppm(&text.text).filter(|ppm| (1..=1_000_000).contains(ppm));
        if least.is_none() {
            let message = format!("{} is no share", text.spot.words);
            let suggestion = "write per cent, as in share = \"99.9 %\"".to_owned();
            section
                .report
                .mistake("AM0106", &text.spot, message, Some(suggestion));
        }
        least
    });
    let of_time = section.has("down") || section.has("up");
    let of_events = section.has("kept") || section.has("of");
    if of_time && of_events {
        let message = "a share is taken of time or of events, not of both";
        let suggestion = "leave out `down` and `up`, or `kept` and `of`".to_owned();
        let spot = section.spot_of("share");
        section
            .report
            .mistake("AM0113", &spot, message, Some(suggestion));
    }
    let of = match of_events {
        false => {
            let down = "down = { on = \"outage_began\" }";
            let up = "up = { on = \"outage_ended\" }";
            let down = on::required_reaching(section, "down", down, around);
            let up = on::required_reaching(section, "up", up, around);
            down.zip(up).map(|(down, up)| ShareOf::Time { down, up })
        }
        true => {
            let kept = "kept = { on = \"call_answered\", where = \"within_30_s\" }";
            let of = "of = { on = \"call_answered\" }";
            let kept = on::required(section, "kept", kept, around);
            let of = on::required(section, "of", of, around);
            kept.zip(of).map(|(kept, of)| ShareOf::Events { kept, of })
        }
    };
    let per = lasts(section, "per");
    let exposed = match per {
        // Every span is judged at its own end.
        Some(_) => Exposed {
            ends: on::one(section, "ends", around),
            lasts: lasts(section, "for"),
        },
        None => exposed(section, "share", around),
    };
    Some(Shape::Share(Share {
        of: of?,
        least_ppm: least?,
        per,
        exposed,
    }))
}

pub(super) fn normal(section: &Section<'_>, around: &Around<'_>) -> Option<Shape> {
    let side = section.choice(
        "normal",
        &[
            ("not below", Side::NotBelow),
            ("not above", Side::NotAbove),
            ("within", Side::Within),
        ],
    );
    let measures = "measures = { on = \"week_of_use\" }";
    let measures = on::required(section, "measures", measures, around);
    let value = section.sql("value", around);
    let every = length(section, "every");
    if !section.has("value") && !section.has("every") {
        section.missing_any(
            &["value", "every"],
            format!("{} does not say what is measured", section.title),
            "add value = \"minutes\", or count events with every = \"7 days\"".into(),
        );
        return None;
    }
    if !section.has("history") {
        section.missing("history", "history = 12");
    }
    // Fewer steps than these set no limits worth the name.
    let history = section.integer("history", 6, 10_000);
    let exposed = exposed(section, "normal", around);
    Some(Shape::Normal(Normal {
        measures: measures?,
        value,
        every,
        history: u32::try_from(history?).ok()?,
        side: side?,
        exposed,
    }))
}

/// How long it binds; it must be said.
fn exposed(section: &Section<'_>, told_by: &str, around: &Around<'_>) -> Exposed {
    let ends = on::one(section, "ends", around);
    let lasts = lasts(section, "for");
    if !section.has("ends") && !section.has("for") {
        let message = format!("{} does not say when its exposure ends", section.title);
        let suggestion = "add what ends it, as in ends = { on = \"contract_ended\" }, or how long it lasts, as in for = \"90 days\"";
        section.report.mistake(
            "AM0118",
            &section.spot_of(told_by),
            message,
            Some(suggestion.into()),
        );
    }
    Exposed { ends, lasts }
}

fn lasts(section: &Section<'_>, key: &'static str) -> Option<Lasts> {
    let text: Text = section.text(key)?;
    match text.text.trim() {
        "month" => Some(Lasts::Period(Length::Month)),
        "quarter" => Some(Lasts::Period(Length::Quarter)),
        "year" => Some(Lasts::Period(Length::Year)),
        _ => wait(&text, section.report).map(Lasts::For),
    }
}

/// Per cent as millionths, exactly: at most four decimals.
pub(super) fn ppm(text: &str) -> Option<u32> {
    let number = text.trim().strip_suffix('%')?.trim();
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 4 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let decimals: u32 = format!("{decimals:0<4}").parse().ok()?;
    whole.checked_mul(10_000)?.checked_add(decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_exactly() {
        assert_eq!(ppm("99.9 %"), Some(999_000));
        assert_eq!(ppm("100%"), Some(1_000_000));
        assert_eq!(ppm("0.0001 %"), Some(1));
        for wrong in [
            "99.9",
            "%",
            "-1 %",
            "1.00001 %",
            "1e2 %",
            ".5 %",
            "99999999 %",
        ] {
            assert_eq!(ppm(wrong), None, "{wrong}");
        }
    }
}
