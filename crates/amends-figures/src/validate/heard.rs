//! What customers said, and of what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::On;
use amends_query::Session;
use arrow::array::{Array, BooleanArray, FixedSizeBinaryArray, Int64Array, StringArray};

use super::Window;
use crate::sql::{Template, condition, quoted, typed};

const HEARD: Template = Template(include_str!("heard.sql"));

/// What is named or complained of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// One thing, such as an order: what events say they are about.
    About(String),
    /// A customer, where what customers say is about nothing in particular.
    Customer(IdentifierId),
}

/// What the units are, and who of them is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// Whether units are customers, because no complaint says what it is about.
    pub of_customers: bool,
    /// Whether customers also answer when they are content. Then only who answered is looked at: of the others it is not known.
    /// Otherwise who says nothing is taken not to have complained.
    pub of_answers: bool,
}

/// What is known of one unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Whose it is.
    pub customer: Option<IdentifierId>,
    /// The first that was promised about it, by any promise, in microseconds of UTC.
    pub opened_at: Option<i64>,
    /// The first that was said about it, in microseconds of UTC.
    pub said_at: Option<i64>,
    /// Whether it was complained of.
    pub complained: bool,
}

/// Everything that was said, and all units, numbered.
pub(super) struct Heard {
    kinds: BTreeSet<String>,
    of_customers: bool,
    of_answers: bool,
    numbers: HashMap<Unit, usize>,
    units: Vec<Unit>,
    known: Vec<Known>,
    /// When customers complained first, of whatever.
    complained: HashMap<IdentifierId, i64>,
    pub(super) without_about: u64,
}

/// One thing that somebody said.
struct Said {
    customer: IdentifierId,
    at: i64,
    about: Option<String>,
    complains: bool,
}

impl Heard {
    /// Reads all events of the kinds by which customers complain: those that are complaints and those that are not.
    ///
    /// # Errors
    /// `AM0812` when none is declared or none was ever imported; `AM0803` when a condition cannot be planned; `AM0804` when reading fails.
    pub(super) async fn read(session: &Session) -> Result<Self> {
        let voice = &session.project().voice;
        let declared = declared(session)?;
        let mut all = Vec::new();
        for (kind, ons) in declared {
            read_kind(session, kind, &ons, &mut all).await?;
        }
        let mut heard = Self {
            kinds: voice.listens().map(|on| on.kind.clone()).collect(),
            of_customers: all.iter().all(|said| said.about.is_none()),
            of_answers: all.iter().any(|said| !said.complains),
            numbers: HashMap::new(),
            units: Vec::new(),
            known: Vec::new(),
            complained: HashMap::new(),
            without_about: 0,
        };
        for said in all {
            heard.hear(said);
        }
        Ok(heard)
    }

    fn hear(&mut self, said: Said) {
        if said.complains {
            let first = self.complained.entry(said.customer).or_insert(said.at);
            *first = said.at.min(*first);
        }
        let unit = match (self.of_customers, said.about) {
            (true, _) => Unit::Customer(said.customer),
            (false, Some(about)) => Unit::About(about),
            (false, None) => {
                self.without_about += u64::from(said.complains);
                return;
            }
        };
        let number = self.number(unit);
        let known = &mut self.known[number];
        known.customer.get_or_insert(said.customer);
        known.complained |= said.complains;
        known.said_at = Some(known.said_at.map_or(said.at, |first| first.min(said.at)));
    }

    fn number(&mut self, unit: Unit) -> usize {
        let next = self.units.len();
        match self.numbers.get(&unit) {
            Some(number) => *number,
            None => {
                self.numbers.insert(unit.clone(), next);
                self.units.push(unit);
                self.known.push(Known::default());
                next
            }
        }
    }

    /// The number of what something was promised about.
    pub(super) fn promised(
        &mut self,
        about: &str,
        customer: Option<IdentifierId>,
        opened_at: i64,
    ) -> Option<usize> {
        let unit = match self.of_customers {
            true => Unit::Customer(customer?),
            false => Unit::About(about.to_owned()),
        };
        let number = self.number(unit);
        let known = &mut self.known[number];
        known.customer = customer.or(known.customer);
        known.opened_at = Some(known.opened_at.map_or(opened_at, |at| at.min(opened_at)));
        Some(number)
    }

    pub(super) fn hearing(&self) -> Hearing {
        Hearing {
            of_customers: self.of_customers,
            of_answers: self.of_answers,
        }
    }

    /// Whether customers speak up by events of a kind, or by changes of them.
    pub(super) fn is_voice(&self, kind: &str) -> bool {
        self.kinds
            .contains(kind.strip_suffix(".changed").unwrap_or(kind))
    }

    pub(super) fn unit(&self, number: usize) -> &Unit {
        &self.units[number]
    }

    pub(super) fn known(&self, number: usize) -> &Known {
        &self.known[number]
    }

    /// When a customer complained first.
    pub(super) fn complained_at(&self, customer: IdentifierId) -> Option<i64> {
        self.complained.get(&customer).copied()
    }

    /// Which units are looked at: who answered, or everybody to whom something was promised, and whoever complained; of those that were opened, or else
    /// first heard of, in a stretch of time.
    pub(super) fn looked_at(&self, window: &Window) -> Vec<bool> {
        let each = self.known.iter().map(|known| {
            let there = match self.of_answers {
                true => known.said_at.is_some(),
                false => known.opened_at.is_some() || known.complained,
            };
            let began = known.opened_at.or(known.said_at);
            there && began.is_some_and(|at| window.holds(at))
        });
        each.collect()
    }

    /// How many complainers nothing was promised to.
    pub(super) fn never_promised(&self, looked_at: &[bool]) -> u64 {
        let each = self.known.iter().zip(looked_at);
        let each = each.filter(|(known, looked_at)| {
            **looked_at && known.complained && known.opened_at.is_none()
        });
        each.count() as u64
    }
}

async fn read_kind(session: &Session, kind: &str, ons: &[&On], all: &mut Vec<Said>) -> Result<()> {
    let complains: Vec<String> = ons
        .iter()
        .map(|on| format!("({})", condition(on)))
        .collect();
    let text = HEARD.fill(&[
        ("counted", counted_or_self(session)),
        ("kind", &quoted(kind)),
        ("complains", &format!("({})", complains.join(" or "))),
    ]);
    for batch in session.sql(&text).await? {
        let customers = typed::<FixedSizeBinaryArray>(&batch, 0)?;
        let moments = typed::<Int64Array>(&batch, 1)?;
        let abouts = typed::<StringArray>(&batch, 2)?;
        let complains = typed::<BooleanArray>(&batch, 3)?;
        for row in 0..batch.num_rows() {
            let Some(customer) = IdentifierId::from_slice(customers.value(row)) else {
                continue;
            };
            all.push(Said {
                customer,
                at: moments.value(row),
                about: abouts.is_valid(row).then(|| abouts.value(row).to_owned()),
                complains: complains.value(row),
            });
        }
    }
    Ok(())
}

/// The column of whom a company counts; where accounts are counted, customers without one stand for themselves, as they may speak up too.
pub(super) fn counted_or_self(session: &Session) -> &'static str {
    match crate::customer_math::counted(session) {
        "account" => "coalesce(account, customer)",
        column => column,
    }
}

/// What counts as a complaint, by the kinds of event that there are.
///
/// # Errors
/// `AM0812` when none is declared or none was ever imported.
pub(crate) fn declared(session: &Session) -> Result<BTreeMap<&str, Vec<&On>>> {
    let voice = &session.project().voice;
    let mut declared: BTreeMap<&str, Vec<&On>> = BTreeMap::new();
    for on in &voice.complaint {
        declared.entry(&on.kind).or_default().push(on);
    }
    declared.retain(|kind, _| session.kinds().contains_key(*kind));
    match declared.is_empty() {
        true => Err(unheard(voice.complaint.is_empty())),
        false => Ok(declared),
    }
}

/// That nobody is heard: because nothing is declared, or nothing was imported.
fn unheard(undeclared: bool) -> Problem {
    let problem = Problem::new("AM0812", "no source of complaints is connected");
    match undeclared {
        true => problem.detail("customers.toml has no [voice] with a `complaint`"),
        false => problem.detail("no event that [voice] counts as a complaint has been imported"),
    }
    .hint("say which events are complaints: `[voice]` in customers.toml, and a source that gives them")
}
