//! The book: everybody's memberships at one snapshot, read once and asked by many questions.

mod exports;
mod extract;
mod mistake;
mod refusal;

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::{Customers, Lost, Sql};
use amends_query::Session;

use super::fold::{Fold, Remarks, Rule};
use super::{Boundaries, Counts, Membership, Reasons, periods};
use crate::Reported;

pub use exports::OnlyActive;
use extract::Tell;
pub(crate) use extract::counted;
pub use refusal::Refusal;

/// Everybody's memberships as of one moment.
#[derive(Clone, Debug)]
pub struct Book {
    /// In order of customer and time.
    pub memberships: Vec<Membership>,
    /// The reasons that were stated, and what they mean.
    pub reasons: Reasons,
    /// What was unclear.
    pub remarks: Remarks,
    /// Whether customers are lost with a contract, and not by silence.
    pub contractual: bool,
    /// Sources that tell of contracts that began and of none that ended, in all that was imported.
    pub only_active: Vec<OnlyActive>,
    /// The first moment at which anything is known of anybody, in microseconds of UTC; `None` where nothing is.
    pub first: Option<i64>,
    /// How far everything that tells who is a customer was reported.
    pub reported: Reported,
    /// Why there is nothing to read, where the project does not say what makes a customer, or no such event was imported.
    pub missing: Option<String>,
}

impl Book {
    /// Reads the signs of everybody and folds them.
    ///
    /// # Errors
    /// `AM0803` when a condition of customers.toml cannot be planned over the events that there are, `AM0810` when the reason cannot;
    /// `AM0804` when reading fails.
    pub async fn read(session: &Session) -> Result<Self> {
        Self::read_of(session, None, None, &mut |_, _| Ok(())).await
    }

    /// Reads the signs of one customer (or account, where those are counted) and folds them.
    ///
    /// # Errors
    /// As [`Book::read`].
    pub async fn read_one(session: &Session, customer: IdentifierId) -> Result<Self> {
        Self::read_of(session, Some(customer), None, &mut |_, _| Ok(())).await
    }

    /// As [`Book::read`]; `tell` hears, in any order, of every sign that begins something what an expression says of its event.
    ///
    /// # Errors
    /// As [`Book::read`], `AM0803` also where the expression cannot be planned; whatever `tell` says.
    pub(crate) async fn read_telling(
        session: &Session,
        said: &Sql,
        tell: &mut Tell<'_>,
    ) -> Result<Self> {
        Self::read_of(session, None, Some(said), tell).await
    }

    async fn read_of(
        session: &Session,
        whose: Option<IdentifierId>,
        said: Option<&Sql>,
        tell: &mut Tell<'_>,
    ) -> Result<Self> {
        let project = session.project();
        let reported = Reported::of(session);
        let Some(definition) = &project.customers else {
            return Ok(Self::empty(
                reported,
                "customers.toml does not say yet what makes somebody a customer",
            ));
        };
        let Some(extraction) = extract::Extraction::of(session, definition, whose, said) else {
            return Ok(Self::empty(reported, &nothing_imported(definition)));
        };
        let mut reasons = Reasons::new(&definition.classes);
        let rule = match &definition.lost {
            Lost::Contract { .. } => Rule::Contract,
            Lost::Silence {
                after, calendar, ..
            } => Rule::Silence(after, calendar),
        };
        let signs = match extraction.read(session, &mut reasons, tell).await {
            Ok(signs) => signs,
            Err(problem) => return Err(mistake::told(session, definition, problem).await),
        };
        let first = signs.iter().map(|sign| sign.at).min();
        let mut fold = Fold::new(rule, reported.until);
        for sign in signs {
            fold.observe(sign, &reasons)?;
        }
        let (memberships, remarks) = fold.finish(&reasons)?;
        let only_active = match (&definition.lost, whose) {
            (Lost::Contract { on }, None) => {
                exports::only_active(session, &definition.new, on).await?
            }
            _ => Vec::new(),
        };
        Ok(Self {
            memberships,
            reasons,
            remarks,
            contractual: matches!(rule, Rule::Contract),
            only_active,
            first,
            reported,
            missing: None,
        })
    }

    fn empty(reported: Reported, missing: &str) -> Self {
        Self {
            memberships: Vec::new(),
            reasons: Reasons::default(),
            remarks: Remarks::default(),
            contractual: false,
            only_active: Vec::new(),
            first: None,
            reported,
            missing: Some(missing.into()),
        }
    }

    /// The customer math of successive periods, checked person by person.
    ///
    /// # Errors
    /// `AM0801` when it does not add up.
    pub fn periods(&self, boundaries: &Boundaries) -> Result<Vec<Counts>> {
        periods(&self.memberships, boundaries)
    }

    /// The customer math of one period, from its first moment until just before its end.
    ///
    /// # Errors
    /// `AM0801` when it does not add up.
    pub fn period(&self, from: i64, until: i64) -> Result<Counts> {
        let counts = self.periods(&Boundaries::at(vec![from, until]))?;
        counts.into_iter().next().ok_or_else(|| {
            Problem::new("AM0007", "this period is empty").detail(format!("{from} until {until}"))
        })
    }

    /// Those who were there when a period was about to begin and were lost in it.
    pub fn lost_of_opening(&self, from: i64, until: i64) -> impl Iterator<Item = &Membership> {
        let there = self.memberships.iter().filter(move |one| one.spans(from));
        there.filter(move |one| one.end().is_some_and(|end| end < until))
    }
}

fn nothing_imported(definition: &Customers) -> String {
    let kinds: Vec<&str> = definition.new.iter().map(|on| on.kind.as_str()).collect();
    format!(
        "nothing that makes somebody a customer has been imported yet: no event of kind {}",
        kinds.join(" or ")
    )
}
