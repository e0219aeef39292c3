//! One look at a project: its ledger at one position, who is who in it, and as of when.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_identity::{People, Rule};
use amends_ledger::Snapshot;
use amends_model::{Period, Problem, Result};
use amends_project::definition::{Counted, Promise};
use amends_promises::{Asked, Kept, Replay, Store};
use amends_query::{Opening, Session};
use amends_vault::Minted;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::context::Context;

/// A snapshot with its people and its moment.
pub(crate) struct Look {
    /// The ledger at one position.
    pub snapshot: Snapshot,
    /// Who is who in it.
    pub people: People,
    /// What the vault says about identifiers without naming anybody.
    pub minted: Vec<Minted>,
    /// As of when.
    pub as_of: Timestamp,
    /// The company's zone.
    pub zone: TimeZone,
}

impl Look {
    /// Looks as of the moment that the user named, else the earliest up to which the sources in use have reported.
    ///
    /// # Errors
    /// `AM0017` when nothing was imported yet.
    pub(crate) async fn at(context: &Context) -> Result<Self> {
        let snapshot = context.ledger.snapshot().await?;
        let minted = context.vault.minted().await?;
        let watermark = amends_promises::earliest_watermark(&context.project, &snapshot);
        let as_of = context.as_of.or(watermark).ok_or_else(|| {
            Problem::new("AM0017", "the ledger is empty")
                .hint("`amends import` reads the files of the sources")
        })?;
        let people = People::resolve(&snapshot, &minted, &rules(context), Some(as_of))?;
        Ok(Self {
            snapshot,
            people,
            minted,
            as_of,
            zone: context.project.company.zone.clone(),
        })
    }

    /// The promise of a name.
    ///
    /// # Errors
    /// `AM0014` when there is none.
    pub(crate) fn promise<'a>(&self, context: &'a Context, name: &str) -> Result<&'a Promise> {
        context.project.promises.get(name).ok_or_else(|| {
            let known: Vec<&str> = context
                .project
                .promises
                .keys()
                .map(String::as_str)
                .collect();
            Problem::new("AM0014", "the project has no such promise")
                .detail(format!("{name:?}"))
                .hint(format!("its promises are: {}", known.join(", ")))
        })
    }

    /// The period that the user named, else the last whole one before the look's moment.
    ///
    /// # Errors
    /// `AM0007` when it cannot be read.
    pub(crate) fn period(&self, context: &Context, named: Option<&str>) -> Result<Period> {
        if let Some(text) = named {
            return Period::parse(text);
        }
        let last = Timestamp::from_nanosecond(self.as_of.as_nanosecond() - 1).unwrap_or(self.as_of);
        let day = last.to_zoned(self.zone.clone()).date();
        let current = Period::containing(day, context.project.company.period);
        let over = current.bounds(&self.zone)?.1 <= self.as_of;
        Ok(if over { current } else { current.previous() })
    }

    /// SQL over what is looked at.
    ///
    /// # Errors
    /// `AM08..` when its tables cannot be set up.
    pub(crate) async fn session(&self, context: &Context) -> Result<Session> {
        Session::open(Opening {
            project: Arc::clone(&context.project),
            snapshot: self.snapshot.clone(),
            people: &self.people,
            minted: &self.minted,
            planner: context.planner.clone(),
            as_of: self.as_of,
            store: Store::at(&context.project.data),
            settled: context.as_of.is_none(),
        })
        .await
    }

    /// How the instances of a promise stand, by what is kept of them.
    ///
    /// # Errors
    /// `AM07..` when an expression fails.
    pub(crate) fn instances(&self, context: &Context, promise: &Promise) -> Result<Kept> {
        let reported =
            amends_promises::reported(&context.project, &self.snapshot, promise, self.as_of);
        let project = &context.project;
        Store::at(&project.data).ask(&Asked {
            promise,
            calendars: &project.calendars,
            planner: &context.planner,
            snapshot: &self.snapshot,
            as_of: self.as_of,
            reported,
            settled: context.as_of.is_none(),
        })
    }

    /// How the instances of a promise stand, folded from all events.
    ///
    /// # Errors
    /// `AM07..` when an expression fails.
    pub(crate) fn replay(&self, context: &Context, promise: &Promise) -> Result<Replay> {
        let project = &context.project;
        let reported = amends_promises::reported(project, &self.snapshot, promise, self.as_of);
        amends_promises::replay(
            promise,
            &project.calendars,
            &context.planner,
            &self.snapshot,
            self.as_of,
            reported,
        )
    }
}

fn rules(context: &Context) -> BTreeMap<String, Rule> {
    let rule = |rule: &amends_project::definition::IdentifierRule| Rule {
        at_most: rule.at_most,
        account: rule.names == Counted::Accounts,
    };
    context
        .project
        .identifiers
        .iter()
        .map(|(name, of)| (name.clone(), rule(of)))
        .collect()
}
