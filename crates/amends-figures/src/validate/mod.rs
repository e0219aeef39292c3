//! Would we have known before they complained (rule 21)?
//!
//! Complaints and scores are hidden: the promises that are asked listen to none of the events by which customers speak up, and name whom they let down.
//! Then both are laid side by side. What was promised about one thing ([`Unit`]) is *named* if a let-down could have been known before the first that was
//! said about it; a *complainer* is a thing of which somebody complained; and a *hit* is both.
//!
//! That somebody said nothing does not make a let-down false: apart from it, whoever was named and did not complain is compared with others like them
//! ([`silent`]).
//!
//! A source is taken to report without lag: what could have been known is told from when things happened, not from when they were imported.

mod frontier;
mod heard;
mod named;
mod score;
pub mod silent;
mod window;

use std::sync::Arc;

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::Promise;
use amends_query::Session;

pub use amends_stats::Interval;
pub use amends_stats::wilson::Share;
pub use frontier::{Frontier, Step};
pub use heard::{Hearing, Unit};
pub use score::Scored;
pub use silent::{Outcome, Silent};
pub use window::{Window, bounds};

use crate::let_downs::unmeasurable;
pub(crate) use heard::declared;

use heard::Heard;
use named::Named;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// One promise; all without.
    pub promise: Option<&'a str>,
    /// What was opened when.
    pub window: Window,
    /// From when on the frontier is reported, in microseconds of UTC: it is ordered by what was opened before.
    pub split: Option<i64>,
}

/// How well promises name those who complain.
#[derive(Clone, Debug)]
pub struct Validation {
    /// What the units are, and who of them is looked at.
    pub hearing: Hearing,
    /// All promises together, or the one that was asked about.
    pub all: Measured,
    /// Each promise, in order of their names; only the one that was asked about.
    pub promises: Vec<(String, Measured)>,
    /// What one gains and pays by each further promise; `None` where one promise was asked about, or nobody complained before or after the split.
    pub frontier: Option<Frontier>,
    /// What of one promise stands behind its counts: what was named or complained of.
    pub units: Vec<Behind>,
    /// Promises that are not looked at, and why.
    pub left_out: Vec<(String, String)>,
    /// Complaints that say not what they are about, where others do: they are left out.
    pub without_about: u64,
    /// Complainers of whom nothing was promised: they cannot be named.
    pub never_promised: u64,
}

/// One promise, or all.
#[derive(Clone, Debug)]
pub struct Measured {
    /// How well complainers were named.
    pub scored: Scored,
    /// How those came out who were named and said nothing; or why it cannot be told.
    pub silent: Result<Silent, String>,
}

/// One thing that was named or complained of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// What.
    pub about: Unit,
    /// Whose.
    pub customer: Option<IdentifierId>,
    /// When a let-down could have been known, if that was before anything was said; in microseconds of UTC.
    pub named_at: Option<i64>,
    /// When the first was said about it, in microseconds of UTC.
    pub said_at: Option<i64>,
    /// Whether it was a complaint.
    pub complained: bool,
}

/// Compares what promises name with what customers said.
///
/// # Errors
/// `AM0812` when no source of complaints is connected; `AM0805` when there is no such promise; `AM0803` when a condition of `[voice]` cannot be planned;
/// `AM0804` and the like when reading fails.
pub async fn validate(session: &Session, asked: &Asked<'_>) -> Result<Validation> {
    let project = Arc::clone(session.project());
    if let Some(name) = asked.promise
        && !project.promises.contains_key(name)
    {
        return Err(Problem::new("AM0805", "there is no such promise").detail(format!("{name:?}")));
    }
    let mut heard = Heard::read(session).await?;
    let mut left_out = Vec::new();
    let mut all = Vec::new();
    for promise in project.promises.values() {
        let told = match reason_against(session, promise, &heard).await? {
            Some(reason) => Err(reason),
            None => Named::read(session, promise, &mut heard).await?,
        };
        match told {
            Ok(named) => all.push(named),
            Err(reason) => left_out.push((promise.name.clone(), reason)),
        }
    }
    let hearing = heard.hearing();
    let looked_at = heard.looked_at(&asked.window);
    let never_promised = heard.never_promised(&looked_at);
    if let Some(name) = asked.promise {
        all.retain(|named| named.promise == name);
        left_out.retain(|(promise, _)| promise == name);
    }
    let after = silent::After::read(session).await?;
    let tell = |named: &[&Named]| Measured {
        scored: Scored::of(&heard, &looked_at, named),
        silent: match &after {
            Ok(after) => silent::compare(&heard, &asked.window, named, after),
            Err(reason) => Err(reason.clone()),
        },
    };
    let promises = all.iter().map(|one| (one.promise.clone(), tell(&[one])));
    let promises: Vec<(String, Measured)> = promises.collect();
    let together: Vec<&Named> = all.iter().collect();
    Ok(Validation {
        hearing,
        all: tell(&together),
        promises,
        frontier: match asked.promise {
            None => Frontier::of(
                &heard,
                &asked.window,
                asked.split,
                &all,
                &project.company.zone,
            )?,
            Some(_) => None,
        },
        units: match asked.promise {
            None => Vec::new(),
            Some(_) => score::behind(&heard, &looked_at, &together),
        },
        left_out,
        without_about: heard.without_about,
        never_promised,
    })
}

/// Why a promise is not looked at: it listens to what customers say, or cannot be measured.
async fn reason_against(
    session: &Session,
    promise: &Promise,
    heard: &Heard,
) -> Result<Option<String>> {
    let mut voices = promise.listens().into_iter();
    if let Some(on) = voices.find(|on| heard.is_voice(&on.kind)) {
        return Ok(Some(format!(
            "it listens to {}, by which customers speak up: what they say is hidden here",
            on.kind
        )));
    }
    unmeasurable(session, promise).await
}
