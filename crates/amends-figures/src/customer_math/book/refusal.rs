//! When a count would be a lie, it is refused with the reason (rule 20).

use amends_model::{Result, time};
use jiff::tz::TimeZone;

use super::{Book, OnlyActive};
use crate::customer_math::Line;

/// What of the customer math of one period cannot be told, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing of it can.
    Everything(String),
    /// Who was lost cannot, and so nothing that follows from it: closing, net, joined and left.
    Losses(String),
}

impl Refusal {
    /// Why.
    pub fn reason(&self) -> &str {
        match self {
            Refusal::Everything(reason) | Refusal::Losses(reason) => reason,
        }
    }

    /// Why a line is refused, if it is.
    pub fn of(&self, line: Line) -> Option<&str> {
        match self {
            Refusal::Losses(_) if !line.needs_losses() => None,
            refusal => Some(refusal.reason()),
        }
    }
}

impl Book {
    /// What of a period's customer math is refused; `None` where all of it can be told.
    ///
    /// A contractual source that never tells of an end holds only those who are still there: they are counted as opening, new and returned,
    /// but who was lost, and so closing and net, is not told.
    ///
    /// # Errors
    /// `AM0002` when a moment cannot be represented.
    pub fn refusal(&self, from: i64, until: i64, zone: &TimeZone) -> Result<Option<Refusal>> {
        if let Some(missing) = &self.missing {
            return Ok(Some(Refusal::Everything(missing.clone())));
        }
        let day = |moment: i64| -> Result<String> {
            let moment = time::from_micros(moment)?.to_zoned(zone.clone());
            Ok(moment.date().to_string())
        };
        let Some(first) = self.first else {
            return Ok(Some(Refusal::Everything(
                "nothing is known of any customer yet".into(),
            )));
        };
        if from >= self.reported.until {
            return self.beyond(day).map(Some);
        }
        if until <= first {
            return Ok(Some(Refusal::Everything(format!(
                "the period ends before {}, when the first customer is heard of",
                day(first)?
            ))));
        }
        Ok(self.active_only())
    }

    /// The refusal of losses where exports hold only those who are still there.
    fn active_only(&self) -> Option<Refusal> {
        let tells = |one: &OnlyActive| format!("{} tells of {} that began", one.source, one.begun);
        let tell: Vec<String> = self.only_active.iter().map(tells).collect();
        let these = match tell.len() {
            0 => return None,
            1 => "this export holds",
            _ => "these exports hold",
        };
        Some(Refusal::Losses(format!(
            "{these} only active customers: {} and of none that ended, so who was lost cannot be told, \
             and opening, new and returned count only those who are still there",
            tell.join(", ")
        )))
    }

    /// The refusal of a period that begins where nothing is reported any more.
    fn beyond(&self, day: impl Fn(i64) -> Result<String>) -> Result<Refusal> {
        let last = self
            .reported
            .known()
            .map(|until| day(until - 1))
            .transpose()?;
        let reason = match (&self.reported.by, last) {
            (Some(source), Some(last)) => format!(
                "the period begins after {last}, and {source}, which tells who is a customer, has fully reported no further"
            ),
            (Some(source), None) => {
                format!("{source}, which tells who is a customer, has reported nothing yet")
            }
            (None, last) => format!(
                "the period begins after {}, and nothing is known beyond",
                last.unwrap_or_default()
            ),
        };
        Ok(Refusal::Everything(reason))
    }
}
