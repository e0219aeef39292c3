//! A stretch of time, by when what is looked at was opened.

use amends_model::{Period, Problem, Result, time};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// From one moment until just before another, in microseconds of UTC; open to the side where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub from: Option<i64>,
    /// The first moment after it.
    pub until: Option<i64>,
}

impl Window {
    /// From the beginning of one day or period to the end of another.
    ///
    /// # Errors
    /// `AM0007` when one of them is no day, month, quarter or year, or the second ends before the first begins.
    pub fn of(from: Option<&str>, until: Option<&str>, zone: &TimeZone) -> Result<Self> {
        let window = Self {
            from: from
                .map(|text| bounds(text, zone))
                .transpose()?
                .map(|of| of.0),
            until: until
                .map(|text| bounds(text, zone))
                .transpose()?
                .map(|of| of.1),
        };
        match (window.from, window.until) {
            (Some(one), Some(other)) if one >= other => {
                Err(
                    Problem::new("AM0007", "this ends before it begins").detail(format!(
                        "{} to {}",
                        from.unwrap_or_default(),
                        until.unwrap_or_default()
                    )),
                )
            }
            _ => Ok(window),
        }
    }

    /// Whether a moment lies in it.
    pub fn holds(&self, at: i64) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// The part of it before a moment.
    pub(crate) fn before(self, moment: i64) -> Self {
        Self {
            until: Some(self.until.map_or(moment, |until| until.min(moment))),
            ..self
        }
    }

    /// The part of it from a moment on.
    pub(crate) fn onwards(self, moment: i64) -> Self {
        Self {
            from: Some(self.from.map_or(moment, |from| from.max(moment))),
            ..self
        }
    }
}

/// The first moment of a day, month, quarter or year, and the first one after it, in microseconds of UTC.
///
/// # Errors
/// `AM0007` when it is none of these.
pub fn bounds(text: &str, zone: &TimeZone) -> Result<(i64, i64)> {
    let (from, until) = match text.parse::<Date>() {
        Ok(day) => (time::start_of_day(day, zone)?, time::end_of_day(day, zone)?),
        Err(_) => Period::parse(text)?.bounds(zone)?,
    };
    Ok((time::micros(from), time::micros(until)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_the_first_to_the_last_day_that_is_named() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let window = Window::of(Some("2018-03-02"), Some("2018-03"), &zone).unwrap();
        let at = |text: &str| time::micros(text.parse().unwrap());
        assert!(!window.holds(at("2018-03-02T02:59:59Z")));
        assert!(window.holds(at("2018-03-02T03:00:00Z")));
        assert!(window.holds(at("2018-04-01T02:59:59Z")));
        assert!(!window.holds(at("2018-04-01T03:00:00Z")));
        assert!(Window::default().holds(i64::MIN));
    }

    #[test]
    fn backwards_or_nonsense_is_no_window() {
        for (from, until) in [
            ("2018-03", "2018-02"),
            ("soon", "2018"),
            ("2018", "2018-13"),
        ] {
            let problem = Window::of(Some(from), Some(until), &TimeZone::UTC).unwrap_err();
            assert_eq!(problem.code(), "AM0007");
        }
    }
}
