//! Whether those who were let down and said nothing come back less, or leave more, than others like them.
//!
//! Alike are those to whom the same was promised in the same month, who had bought as often before, and whose attributes are the same, as far as an
//! attribute has few values. Everybody counts once. Nobody on either side complained of anything until the end of the time in which they are watched,
//! which begins when the promise was due.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use amends_model::{IdentifierId, Result};
use amends_project::definition::{Lost, On};
use amends_query::Session;
use amends_stats::matched::{Matched, Stratum, matched};
use arrow::array::{FixedSizeBinaryArray, Int64Array};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Window;
use super::heard::{Heard, counted_or_self};
use super::named::{Made, Named};
use super::score::CONFIDENCE;
use crate::Reported;
use crate::customer_math::Book;
use crate::sql::{Template, condition, quoted, typed};

const BOUGHT: Template = Template(include_str!("bought.sql"));

/// For how long after the promise was due people are watched.
pub const WATCHED_DAYS: i64 = 180;
const WATCHED_US: i64 = WATCHED_DAYS * 86_400 * 1_000_000;
/// An attribute with more values than this would leave nobody to compare with.
pub const MOST_VALUES: usize = 30;
/// From so many earlier purchases on it is the same how many they were.
const MOST_BEFORE: usize = 2;

/// What may come after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They bought again: where customers are lost by silence.
    CameBack,
    /// They left: where customers are lost with a contract.
    Left,
}

/// How those came out who were named and did not complain.
#[derive(Clone, Debug, PartialEq)]
pub struct Silent {
    /// What is compared.
    pub outcome: Outcome,
    /// Those let down and silent, beside others like them.
    pub matched: Matched,
    /// The attributes in which they are alike, beside month and earlier purchases.
    pub alike_in: Vec<String>,
    /// The attributes that have too many values for that.
    pub not_in: Vec<String>,
}

/// What people did after.
pub(super) struct After {
    outcome: Outcome,
    /// When each did what makes somebody a customer, in order of time.
    bought: HashMap<IdentifierId, Vec<i64>>,
    /// When memberships began and ended.
    memberships: HashMap<IdentifierId, Vec<(Option<i64>, Option<i64>)>>,
    /// Until when it is known, in microseconds of UTC.
    until: i64,
    zone: TimeZone,
}

impl After {
    /// Reads it; or why the project cannot tell who leaves or comes back.
    ///
    /// # Errors
    /// As [`Book::read`].
    pub(super) async fn read(session: &Session) -> Result<Result<Self, String>> {
        let Some(definition) = &session.project().customers else {
            return Ok(Err(
                "customers.toml does not say yet what makes somebody a customer, and what ends it"
                    .into(),
            ));
        };
        let outcome = match definition.lost {
            Lost::Contract { .. } => Outcome::Left,
            Lost::Silence { .. } => Outcome::CameBack,
        };
        let mut memberships: HashMap<_, Vec<_>> = HashMap::new();
        if outcome == Outcome::Left {
            let book = Book::read(session).await?;
            if let Some(reason) = book.missing {
                return Ok(Err(reason));
            }
            if let Some(active) = book.only_active.first() {
                return Ok(Err(format!(
                    "of {} only active customers were exported",
                    active.source
                )));
            }
            for one in &book.memberships {
                let spans = memberships.entry(one.customer).or_default();
                spans.push((one.start, one.end()));
            }
        }
        let mut bought: HashMap<_, Vec<i64>> = HashMap::new();
        for on in &definition.new {
            read_bought(session, on, &mut bought).await?;
        }
        bought
            .values_mut()
            .for_each(|moments| moments.sort_unstable());
        let Some(until) = Reported::of(session).known() else {
            return Ok(Err(
                "not all sources that tell who is a customer have reported yet".into(),
            ));
        };
        Ok(Ok(Self {
            outcome,
            bought,
            memberships,
            until,
            zone: session.project().company.zone.clone(),
        }))
    }

    fn bought_before(&self, customer: IdentifierId, moment: i64) -> usize {
        let moments = self.bought.get(&customer);
        moments.map_or(0, |all| all.partition_point(|at| *at < moment))
    }

    /// Whether somebody came back or left while watched; `None` where they were not there to leave.
    fn of(&self, customer: IdentifierId, from: i64) -> Option<bool> {
        let until = from.saturating_add(WATCHED_US);
        match self.outcome {
            Outcome::CameBack => {
                let mut moments = self.bought.get(&customer).into_iter().flatten();
                Some(moments.any(|at| from < *at && *at <= until))
            }
            Outcome::Left => {
                let spans = self.memberships.get(&customer)?.iter();
                let mut there = spans.filter(|(start, end)| {
                    start.is_none_or(|start| start <= from) && end.is_none_or(|end| from < end)
                });
                let (_, end) = there.next()?;
                Some(end.is_some_and(|end| end <= until))
            }
        }
    }
}

/// Who may be compared, once for each customer.
struct Candidate<'a> {
    made: &'a Made,
    is_let_down: bool,
    /// When the last was due of what was promised about the same.
    due_at: i64,
    /// `name=value`, of all promises about the same.
    attributes: BTreeSet<&'a str>,
}

/// Compares them; or says why nobody can be.
pub(super) fn compare(
    heard: &Heard,
    window: &Window,
    named: &[&Named],
    after: &After,
) -> Result<Silent, String> {
    let let_down: HashSet<usize> = named
        .iter()
        .flat_map(|one| &one.rows)
        .filter(|made| made.is_let_down)
        .map(|made| made.unit)
        .collect();
    let rows = named.iter().flat_map(|one| &one.rows).filter(|made| {
        let end = made.due_at.saturating_add(WATCHED_US);
        let complained = heard.complained_at(made.customer);
        !made.is_excused
            && window.holds(made.opened_at)
            && end <= after.until
            && complained.is_none_or(|at| at > end)
    });
    let mut people: BTreeMap<IdentifierId, Candidate<'_>> = BTreeMap::new();
    for made in rows {
        let new = Candidate {
            made,
            is_let_down: let_down.contains(&made.unit),
            due_at: made.due_at,
            attributes: made.attributes.iter().map(String::as_str).collect(),
        };
        match people.get_mut(&made.customer) {
            Some(known) if known.made.unit == made.unit => {
                known.due_at = known.due_at.max(new.due_at);
                known.attributes.extend(new.attributes);
            }
            Some(known) if !is_before(&new, known) => {}
            _ => {
                people.insert(made.customer, new);
            }
        }
    }
    let (alike_in, not_in) = attributes(people.values());
    let mut strata: BTreeMap<String, Stratum> = BTreeMap::new();
    for (customer, candidate) in people {
        let made = candidate.made;
        let Some(outcome) = after.of(customer, candidate.due_at) else {
            continue;
        };
        let before = after
            .bought_before(customer, made.opened_at)
            .min(MOST_BEFORE);
        let stratum = strata
            .entry(key(&candidate, before, &alike_in, &after.zone))
            .or_default();
        match candidate.is_let_down {
            true => {
                stratum.happened += 1;
                stratum.happened_with += u64::from(outcome);
            }
            false => {
                stratum.others += 1;
                stratum.others_with += u64::from(outcome);
            }
        }
    }
    let matched = matched(strata.into_values(), CONFIDENCE).ok_or_else(|| {
        format!(
            "nobody who was let down and said nothing could be watched for {WATCHED_DAYS} days beside somebody like them"
        )
    })?;
    Ok(Silent {
        outcome: after.outcome,
        matched,
        alike_in,
        not_in,
    })
}

/// Whoever was ever let down counts with the first let-down, everybody else with the first promise.
fn is_before(one: &Candidate<'_>, other: &Candidate<'_>) -> bool {
    let rank = |candidate: &Candidate<'_>| {
        let made = candidate.made;
        (!candidate.is_let_down, made.opened_at, made.unit)
    };
    rank(one) < rank(other)
}

/// The attributes that have few values, and those that have many.
fn attributes<'a, 'b: 'a>(
    people: impl Iterator<Item = &'a Candidate<'b>>,
) -> (Vec<String>, Vec<String>) {
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for candidate in people {
        for text in &candidate.attributes {
            if let Some((name, value)) = text.split_once('=') {
                let known = values.entry(name).or_default();
                // One more than are too many is enough to know.
                if known.len() <= MOST_VALUES {
                    known.insert(value);
                }
            }
        }
    }
    let (few, many): (Vec<_>, Vec<_>) = values
        .into_iter()
        .partition(|(_, values)| values.len() <= MOST_VALUES);
    let names = |of: Vec<(&str, _)>| of.into_iter().map(|(name, _)| name.to_owned()).collect();
    (names(few), names(many))
}

/// What makes people alike, as a text.
fn key(candidate: &Candidate<'_>, before: usize, alike_in: &[String], zone: &TimeZone) -> String {
    let opened = Timestamp::from_microsecond(candidate.made.opened_at).unwrap_or(Timestamp::MIN);
    let day = opened.to_zoned(zone.clone()).date();
    let mut parts = vec![
        format!("{}-{}", day.year(), day.month()),
        before.to_string(),
    ];
    let few = candidate.attributes.iter().filter(|text| {
        let name = text.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| alike_in.iter().any(|known| known == name))
    });
    parts.extend(few.map(|text| (*text).to_owned()));
    parts.join("\u{1f}")
}

async fn read_bought(
    session: &Session,
    on: &On,
    bought: &mut HashMap<IdentifierId, Vec<i64>>,
) -> Result<()> {
    if !session.kinds().contains_key(&on.kind) {
        return Ok(());
    }
    let text = BOUGHT.fill(&[
        ("counted", counted_or_self(session)),
        ("kind", &quoted(&on.kind)),
        ("condition", &condition(on)),
    ]);
    for batch in session.sql(&text).await? {
        let customers = typed::<FixedSizeBinaryArray>(&batch, 0)?;
        let moments = typed::<Int64Array>(&batch, 1)?;
        for row in 0..batch.num_rows() {
            if let Some(customer) = IdentifierId::from_slice(customers.value(row)) {
                bought.entry(customer).or_default().push(moments.value(row));
            }
        }
    }
    Ok(())
}
