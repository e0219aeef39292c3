//! What all figures of one answer share: the period, its bounds, the version of the definitions.

use amends_model::{Evidence, Figure, Formula, Interval, Period, Result, time};
use amends_promises::membership_of;
use amends_query::Session;
use jiff::Timestamp;

/// How far the sources have all reported that tell who is a customer, their lags taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// Until just before this moment, in microseconds of UTC; never later than the moment that was asked about.
    pub until: i64,
    /// The source that has reported least far; `None` where all have reported as far as was asked.
    pub by: Option<String>,
}

impl Reported {
    /// How far it was reported who is a customer.
    pub fn of(session: &Session) -> Self {
        let definition = session.project().customers.iter();
        let kinds = definition
            .flat_map(membership_of)
            .map(|on| on.kind.as_str());
        let behind = session.reported(kinds);
        let behind = behind.filter(|reported| reported.until < session.as_of());
        Self {
            until: time::micros(behind.as_ref().map_or(session.as_of(), |one| one.until)),
            by: behind.map(|reported| reported.by),
        }
    }

    /// Until when; `None` where one of the sources has reported nothing yet.
    pub fn known(&self) -> Option<i64> {
        (self.until > time::micros(Timestamp::MIN)).then_some(self.until)
    }
}

/// The period that an answer speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The period.
    pub period: Period,
    /// Its first moment, in microseconds of UTC.
    pub from: i64,
    /// The first moment after it, in microseconds of UTC.
    pub until: i64,
    /// The moment after which nothing is known, in microseconds of UTC.
    pub as_of: i64,
    /// How far everything that tells who is a customer was reported by then (rule 4).
    pub reported: Reported,
    /// The version of the project's definitions.
    pub definition: String,
}

impl Frame {
    /// The frame of a period in a session, in the company's zone.
    ///
    /// # Errors
    /// `AM0002` when the period's bounds cannot be represented.
    pub fn of(session: &Session, period: Period) -> Result<Self> {
        let project = session.project();
        let (from, until) = period.bounds(&project.company.zone)?;
        Ok(Self {
            period,
            from: time::micros(from),
            until: time::micros(until),
            as_of: time::micros(session.as_of()),
            reported: Reported::of(session),
            definition: project.version.clone(),
        })
    }

    /// Whether the period was not over yet, or not reported to its end.
    pub fn is_so_far(&self) -> bool {
        self.reported.until < self.until
    }

    /// A full count, or why it is refused.
    pub(crate) fn count(
        &self,
        id: impl Into<String>,
        count: Result<u64, &str>,
        evidence: Evidence,
    ) -> Figure {
        match count {
            Ok(count) => self.value(id, count as f64, count, evidence),
            Err(reason) => self.refused(id, reason, evidence),
        }
    }

    /// A value of which so many stand behind it.
    pub(crate) fn value(
        &self,
        id: impl Into<String>,
        value: f64,
        count: u64,
        evidence: Evidence,
    ) -> Figure {
        Figure {
            id: id.into(),
            value: Some(value),
            count,
            interval: None,
            period: self.period.to_string(),
            definition: self.definition.clone(),
            evidence,
            refused: None,
            formula: None,
            source: None,
        }
    }

    /// An estimate with its interval.
    pub(crate) fn estimate(
        &self,
        id: impl Into<String>,
        value: f64,
        count: u64,
        interval: Interval,
    ) -> Figure {
        Figure {
            interval: Some(interval),
            ..self.value(id, value, count, Evidence::Measured)
        }
    }

    /// No value, and why.
    pub(crate) fn refused(
        &self,
        id: impl Into<String>,
        reason: &str,
        evidence: Evidence,
    ) -> Figure {
        Figure {
            value: None,
            refused: Some(reason.to_owned()),
            ..self.value(id, 0.0, 0, evidence)
        }
    }

    /// A figure, told how it is computed from others.
    pub(crate) fn computed(figure: Figure, says: &str, over: &[&str]) -> Figure {
        let over = over.iter().map(|id| (*id).to_owned()).collect();
        Figure {
            formula: Some(Formula {
                says: says.to_owned(),
                over,
            }),
            ..figure
        }
    }

    /// A value taken over from elsewhere, with its source.
    pub(crate) fn assumed(&self, id: impl Into<String>, value: f64, source: &str) -> Figure {
        Figure {
            source: Some(source.to_owned()),
            ..self.value(id, value, 0, Evidence::Assumed)
        }
    }
}
