//! Complaints beside let-downs: by period, source and service.
//!
//! Complaints are told per 1,000 customers: the mean of those whom the customer math opens and closes a period with. A complaint is of the service that
//! the definition reads from it, else of each touchpoint at which it could have been known by then that the same thing was let down; where there is none,
//! its service is not told, and it stands in a line of its own.
//!
//! A let-down is one thing let down at one touchpoint, once however many promises say so, in the period in which it could have been known.
//!
//! *Silence*: with 95 % confidence there is less than one complaint for five let-downs.

mod read;

use std::collections::{BTreeMap, BTreeSet};

use amends_model::{Period, Result};
use amends_query::Session;
use amends_stats::garwood::rate;

pub use amends_stats::garwood::Rate;

use crate::Frame;
use crate::course::course;
use crate::customer_math::Line;
use read::{Complaint, LetDown};

/// Complaints are told per so many customers.
pub const PER: f64 = 1_000.0;
/// It is silence where fewer complain than this share of let-downs.
pub const SILENCE: f64 = 0.2;
const CONFIDENCE: f64 = 0.95;

/// The complaints of successive periods.
#[derive(Clone, Debug)]
pub struct Complaints {
    /// One after the other.
    pub periods: Vec<OfPeriod>,
    /// Whether the definition says what service a complaint is about; else it is the touchpoint of what was complained of.
    pub by_definition: bool,
}

/// The complaints of one period.
#[derive(Clone, Debug)]
pub struct OfPeriod {
    /// The period and its bounds.
    pub frame: Frame,
    /// The mean of opening and closing customers; or why there is none.
    pub customers: Result<f64, String>,
    /// The source of complaints that has not reported the whole period, where there is one: then there may be more.
    pub behind: Option<String>,
    /// All together, then by service, by source, and by both; within each in order of their names. A complaint of several services counts in each.
    pub lines: Vec<Told>,
}

/// Complaints of one kind in one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Which complaints.
    pub of: Of,
    /// How many.
    pub complaints: u64,
    /// Per 1,000 customers; `None` where it is not known how many there were, or there were none.
    pub rate: Option<Rate>,
    /// Let-downs of the same service; `None` where a source is told apart, since let-downs have none.
    pub let_downs: Option<u64>,
    /// Let-downs per 1,000 customers.
    pub let_down_rate: Option<Rate>,
    /// Whether it is silence; `None` where let-downs are not told, of complaints whose service is not told, or where not all have been reported.
    pub is_silent: Option<bool>,
}

/// Which complaints a line counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// All.
    All,
    /// Those of one service; `None` where it is not told.
    Service(Option<String>),
    /// Those of one source.
    Source(String),
    /// Those of one source and service.
    Both(String, Option<String>),
}

/// The complaints of `count` periods from `first` on.
///
/// # Errors
/// `AM0812` when no source of complaints is connected; `AM0803` when a condition or the service cannot be planned; `AM0804` when reading fails; as
/// [`course`].
pub async fn complaints(session: &Session, first: Period, count: usize) -> Result<Complaints> {
    let course = course(session, first, count, None).await?;
    let let_downs = read::let_downs(session).await?;
    let complaints = read::complaints(session, &let_downs).await?;
    let voice = &session.project().voice;
    let kinds = voice.complaint.iter().map(|on| on.kind.as_str());
    let reported = session.reported(kinds);
    let periods = course.all.into_iter().map(|of| {
        let (opening, closing) = (of.math.get(Line::Opening), of.math.get(Line::Closing));
        let refused = || match &of.math.refusal {
            Some(refusal) => refusal.reason().to_owned(),
            None => "it is not known how many customers there were".into(),
        };
        let customers = opening.zip(closing);
        let customers = customers.map(|(opening, closing)| (opening + closing) as f64 / 2.0);
        let behind = reported
            .as_ref()
            .filter(|reported| amends_model::time::micros(reported.until) < of.frame.until);
        let mut of_period = OfPeriod {
            customers: customers.ok_or_else(refused),
            behind: behind.map(|reported| reported.by.clone()),
            lines: Vec::new(),
            frame: of.frame,
        };
        of_period.lines = lines(&of_period, &complaints, &let_downs);
        of_period
    });
    Ok(Complaints {
        periods: periods.collect(),
        by_definition: voice.service.is_some(),
    })
}

fn lines(period: &OfPeriod, complaints: &[Complaint], let_downs: &[LetDown]) -> Vec<Told> {
    let within = |at: i64| period.frame.from <= at && at < period.frame.until;
    let mut complained: BTreeMap<Of, u64> = BTreeMap::from([(Of::All, 0)]);
    for one in complaints.iter().filter(|one| within(one.at)) {
        let mut of = vec![Of::All, Of::Source(one.source.clone())];
        for service in &one.services {
            of.push(Of::Service(service.clone()));
            of.push(Of::Both(one.source.clone(), service.clone()));
        }
        for of in of {
            *complained.entry(of).or_default() += 1;
        }
    }
    let mut let_down: BTreeMap<Of, u64> = BTreeMap::new();
    let mut things = BTreeSet::new();
    for one in let_downs.iter().filter(|one| within(one.known_at)) {
        *let_down
            .entry(Of::Service(one.touchpoint.clone()))
            .or_default() += 1;
        things.insert(one.about.as_str());
    }
    let_down.insert(Of::All, things.len() as u64);
    // Where nobody complained of what was let down is where silence is found.
    for of in let_down.keys() {
        complained.entry(of.clone()).or_default();
    }
    let customers = period.customers.as_ref().ok().copied();
    let per_1000 = |count: u64| rate(count, customers?, PER, CONFIDENCE);
    let told = complained.into_iter().map(|(of, complaints)| {
        let let_downs = match &of {
            Of::All | Of::Service(_) => Some(let_down.get(&of).copied().unwrap_or(0)),
            Of::Source(_) | Of::Both(..) => None,
        };
        Told {
            rate: per_1000(complaints),
            let_down_rate: let_downs.and_then(per_1000),
            is_silent: let_downs
                .filter(|_| period.behind.is_none() && of != Of::Service(None))
                .map(|let_downs| is_silent(complaints, let_downs)),
            of,
            complaints,
            let_downs,
        }
    });
    told.collect()
}

/// Whether there is less than one complaint for five let-downs, with Garwood's interval of how many there are for each.
fn is_silent(complaints: u64, let_downs: u64) -> bool {
    let for_each = rate(complaints, let_downs as f64, 1.0, CONFIDENCE);
    for_each.is_some_and(|for_each| for_each.interval.high < SILENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of no complaints Garwood's upper limit is 3.69, of 10 it is 18.39.
    #[test]
    fn silence_is_told_only_of_so_many_let_downs_that_chance_does_not_explain_it() {
        assert!(!is_silent(0, 0));
        assert!(!is_silent(0, 18));
        assert!(is_silent(0, 19));
        assert!(!is_silent(10, 91));
        assert!(is_silent(10, 93));
    }
}
