//! One look at a project: its ledger at one position, who is who in it, and as of when.
//!
//! Who is who takes reading what every event names. A [`Glance`] does without, for questions about promises alone.

use std::collections::{BTreeMap, HashSet};
use std::ops::{Deref, RangeInclusive};
use std::sync::Arc;

use amends_identity::{Kept as KeptPeople, Links, People, Rule};
use amends_ledger::Snapshot;
use amends_model::{IdentifierId, Period, Problem, Result};
use amends_project::definition::{Counted, Promise};
use amends_promises::{Count, InForce, Kept, Store};
use amends_query::{Opening, Session};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::context::Context;
use crate::surroundings;

/// A snapshot and its moment.
pub(crate) struct Glance {
    /// The ledger at one position.
    pub snapshot: Snapshot,
    /// As of when.
    pub as_of: Timestamp,
    /// The company's zone.
    pub zone: TimeZone,
    /// Until when the sources in use have reported, their lags taken off, and not beyond `as_of`: what periods are over by default.
    reported: Timestamp,
}

/// A snapshot and its moment, with its people.
pub(crate) struct Look {
    glance: Glance,
    /// Who is who in it.
    pub people: Arc<People>,
}

/// A look that also knows why people are who they are.
pub(crate) struct Study {
    look: Look,
    /// The links that make them so.
    pub links: Links,
}

impl Deref for Study {
    type Target = Look;

    fn deref(&self) -> &Look {
        &self.look
    }
}

impl Deref for Look {
    type Target = Glance;

    fn deref(&self) -> &Glance {
        &self.glance
    }
}

impl Glance {
    /// Looks as of the moment that the user named, else the earliest up to which the sources in use have reported.
    ///
    /// # Errors
    /// `AM0017` when nothing was imported yet.
    pub(crate) async fn at(context: &Context) -> Result<Self> {
        let snapshot = context.ledger.snapshot().await?;
        let watermark = amends_promises::earliest_watermark(&context.project, &snapshot);
        let as_of = context.as_of.or(watermark).ok_or_else(|| {
            Problem::new("AM0017", "the ledger is empty")
                .hint("`amends import` reads the files of the sources")
        })?;
        Ok(Self::new(context, snapshot, as_of))
    }

    fn new(context: &Context, snapshot: Snapshot, as_of: Timestamp) -> Self {
        let reported = amends_promises::earliest_reported(&context.project, &snapshot);
        Self {
            snapshot,
            as_of,
            zone: context.project.company.zone.clone(),
            reported: reported.unwrap_or(as_of).min(as_of),
        }
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

    /// How the instances of a promise stand, by what is kept of them.
    ///
    /// # Errors
    /// `AM07..` when an expression fails.
    pub(crate) fn instances(&self, context: &Context, promise: &Promise) -> Result<Kept> {
        let store = Store::at(&context.project.data);
        self.in_force(context).ask(promise, &store)
    }

    /// How many instances of promises stand in each state, in their order.
    ///
    /// # Errors
    /// `AM07..` when an expression fails.
    pub(crate) fn counts(&self, context: &Context, promises: &[&Promise]) -> Result<Vec<Count>> {
        let store = Store::at(&context.project.data);
        self.in_force(context).count(promises, &store)
    }

    /// How the instances of a promise stand, folded from all events.
    ///
    /// # Errors
    /// `AM07..` when an expression fails.
    pub(crate) fn replay(&self, context: &Context, promise: &Promise) -> Result<Kept> {
        self.in_force(context).replay(promise)
    }

    fn in_force<'a>(&'a self, context: &'a Context) -> InForce<'a> {
        InForce {
            project: &context.project,
            planner: &context.planner,
            snapshot: &self.snapshot,
            as_of: self.as_of,
            settled: context.as_of.is_none(),
        }
    }
}

impl Look {
    /// Looks as a glance does, and finds out who is who.
    ///
    /// # Errors
    /// `AM0017` when nothing was imported yet.
    pub(crate) async fn at(context: &Context) -> Result<Self> {
        let glance = Glance::at(context).await?;
        let people = people(context, &glance).await?;
        Ok(Self { glance, people })
    }

    /// Looks at a few: those to whom identifiers between these belong, and whoever shares an account with them. Where nobody found out who is who
    /// since the last import, that is done first, for everybody.
    ///
    /// # Errors
    /// `AM0017` when nothing was imported yet.
    pub(crate) async fn at_those(
        context: &Context,
        wanted: &[RangeInclusive<IdentifierId>],
    ) -> Result<Self> {
        let glance = Glance::at(context).await?;
        let known = context.vault.version().await?;
        let kept = kept_people(context, &glance, &known);
        let people = match kept.and_then(|kept| kept.read_those(wanted)) {
            Some(few) => Arc::new(few),
            None => people(context, &glance).await?,
        };
        Ok(Self { glance, people })
    }

    /// All identifiers that name accounts.
    pub(crate) fn accounts(&self) -> HashSet<IdentifierId> {
        let ids = self.people.identifiers().map(|(id, _)| id);
        ids.filter(|id| self.people.is_account(*id)).collect()
    }

    /// The period that the user named, else the last one that is over and fully reported.
    ///
    /// # Errors
    /// `AM0007` when it cannot be read.
    pub(crate) fn period(&self, context: &Context, named: Option<&str>) -> Result<Period> {
        if let Some(text) = named {
            return Period::parse(text);
        }
        let last = self.reported.as_nanosecond() - 1;
        let last = Timestamp::from_nanosecond(last).unwrap_or(self.reported);
        let day = last.to_zoned(self.zone.clone()).date();
        let current = Period::containing(day, context.project.company.period);
        let over = current.bounds(&self.zone)?.1 <= self.reported;
        Ok(if over { current } else { current.previous() })
    }

    /// SQL over what is looked at.
    ///
    /// # Errors
    /// `AM08..` when its tables cannot be set up.
    pub(crate) async fn session(&self, context: &Context) -> Result<Session> {
        Session::open(self.opening(context)).await
    }

    /// SQL over what is known of whom an identifier belongs to, be it a customer or, where those are counted, an account. Little is read.
    ///
    /// # Errors
    /// As [`Look::session`].
    pub(crate) async fn session_of(
        &self,
        context: &Context,
        identifier: IdentifierId,
    ) -> Result<Session> {
        let people = &self.people;
        let account = match context.project.company.counts {
            Counted::Customers => None,
            Counted::Accounts => people.account(identifier),
        };
        let mut identifiers = people.members(account.unwrap_or(identifier)).to_vec();
        for person in account.into_iter().flat_map(|one| people.people_of(one)) {
            // Somebody in two accounts counts in one of them.
            if people.account(person) == account {
                identifiers.extend(people.members(person));
            }
        }
        Session::open_of(self.opening(context), &identifiers).await
    }

    fn opening(&self, context: &Context) -> Opening<'_> {
        Opening {
            project: Arc::clone(&context.project),
            snapshot: self.snapshot.clone(),
            people: &self.people,
            planner: context.planner.clone(),
            as_of: self.as_of,
            store: Store::at(&context.project.data),
            settled: context.as_of.is_none(),
        }
    }
}

impl Study {
    /// Looks as of the same moment as a look does.
    ///
    /// # Errors
    /// `AM0017` when nothing was imported yet.
    pub(crate) async fn at(context: &Context) -> Result<Self> {
        let glance = Glance::at(context).await?;
        let as_of = Some(glance.as_of);
        Self::of(context, glance, as_of).await
    }

    /// Looks at everybody as a whole: all links count, whenever they were made, and a ledger of which every import was undone still has people.
    ///
    /// # Errors
    /// `AM0403` and `AM0406` when the ledger cannot be read; `AM0303` when the vault fails.
    pub(crate) async fn at_whole_people(context: &Context) -> Result<Self> {
        let snapshot = context.ledger.snapshot().await?;
        let watermark = amends_promises::earliest_watermark(&context.project, &snapshot);
        let as_of = context.as_of.or(watermark);
        let glance = Glance::new(context, snapshot, as_of.unwrap_or_else(surroundings::now));
        Self::of(context, glance, None).await
    }

    async fn of(context: &Context, glance: Glance, until: Option<Timestamp>) -> Result<Self> {
        let links = links(context, &glance.snapshot, until).await?;
        let people = Arc::clone(links.people());
        let look = Look { glance, people };
        Ok(Self { look, links })
    }
}

/// Who is who, by what is kept of it.
async fn people(context: &Context, glance: &Glance) -> Result<Arc<People>> {
    let known = context.vault.version().await?;
    let kept = kept_people(context, glance, &known);
    if let Some(people) = kept.as_ref().and_then(KeptPeople::read) {
        return Ok(Arc::new(people));
    }
    let links = links(context, &glance.snapshot, Some(glance.as_of)).await?;
    let people = Arc::clone(links.people());
    // Another moment is asked once. Whom somebody minted meanwhile these people may know, and others may not.
    if context.as_of.is_none()
        && let Some(kept) = kept
        && context.vault.version().await? == known
    {
        kept.keep(&people);
    }
    Ok(people)
}

fn kept_people(context: &Context, glance: &Glance, known: &str) -> Option<KeptPeople> {
    let data = &context.project.data;
    KeptPeople::at(data, &glance.snapshot, known, &rules(context), glance.as_of)
}

/// Why people are who they are in a snapshot, by the links that were made until a moment.
///
/// # Errors
/// `AM0406` when a segment cannot be read; `AM0303` when the vault fails.
pub(crate) async fn links(
    context: &Context,
    snapshot: &Snapshot,
    until: Option<Timestamp>,
) -> Result<Links> {
    let minted = context.vault.minted().await?;
    Links::resolve(snapshot, &minted, &rules(context), until)
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
