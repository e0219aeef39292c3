//! What was promised, and what became of it.
//!
//! Of a period, the instances that came due in it: each instance is due once, so that periods neither share an instance nor lose one,
//! and numerator and denominator of a share are of the same instances.

use std::collections::{BTreeMap, HashMap};

use amends_model::{Evidence, Figure, IdentifierId, Problem, Result, State};
use amends_project::definition::Promise;
use amends_query::Session;
use arrow::array::{FixedSizeBinaryArray, Int64Array, StringArray};

use crate::Frame;
use crate::customer_math::counted;
use crate::sql::{Template, literal, moment, typed};

const STATES: Template = Template(include_str!("states.sql"));
const HARMED: Template = Template(include_str!("harmed.sql"));

/// How one promise stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its name.
    pub promise: String,
    /// The promise in the company's own words.
    pub says: String,
    /// Instances by state.
    pub states: BTreeMap<State, u64>,
    /// Customers that it let down.
    pub harmed: u64,
    /// Why it is not measurable, and what it needs.
    pub refused: Option<String>,
}

/// Whom one promise let down.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Harm {
    /// The promise.
    pub promise: String,
    /// The moment, in microseconds of UTC, at which the first let-down of each customer could have been known.
    pub first: HashMap<IdentifierId, i64>,
    /// How often each was let down.
    pub times: HashMap<IdentifierId, u64>,
    /// What one of the let-downs was about.
    pub about: HashMap<IdentifierId, String>,
}

impl Kept {
    /// How a promise stands: the instances that came due from one moment until just before another, or all of them.
    ///
    /// # Errors
    /// `AM0406` and the like when the ledger cannot be read. What makes the promise itself unmeasurable is told in `refused`.
    pub async fn of(
        session: &Session,
        promise: &Promise,
        within: Option<(i64, i64)>,
    ) -> Result<Self> {
        let mut kept = Self {
            promise: promise.name.clone(),
            says: promise.says.clone(),
            states: BTreeMap::new(),
            harmed: 0,
            refused: needs(session, promise),
        };
        if kept.refused.is_some() {
            return Ok(kept);
        }
        let text = STATES.fill(&[("promise", &literal(&promise.name)), ("due", &due(within))]);
        let batches = match session.sql(&text).await {
            Err(problem) if problem.code().starts_with("AM07") => {
                kept.refused = Some(format!("not measurable: {problem}"));
                return Ok(kept);
            }
            answer => answer?,
        };
        for batch in batches {
            let states = typed::<StringArray>(&batch, 0)?;
            let instances = typed::<Int64Array>(&batch, 1)?;
            for row in 0..batch.num_rows() {
                let state = states
                    .value(row)
                    .parse()
                    .map_err(|()| unknown(states.value(row)))?;
                kept.states.insert(state, instances.value(row) as u64);
            }
        }
        kept.harmed = Harm::of(session, &promise.name, within).await?.first.len() as u64;
        Ok(kept)
    }

    /// Instances in a state.
    pub fn count(&self, state: State) -> u64 {
        self.states.get(&state).copied().unwrap_or(0)
    }

    /// Instances that were opened.
    pub fn exposed(&self) -> u64 {
        self.states.values().sum()
    }

    /// Instances that let their customer down.
    pub fn let_downs(&self) -> u64 {
        let let_down = self.states.iter().filter(|(state, _)| state.is_let_down());
        let_down.map(|(_, count)| count).sum()
    }

    /// Instances that were kept in the end, in time or late.
    pub fn delivered(&self) -> u64 {
        self.count(State::Kept) + self.count(State::Beaten) + self.count(State::Late)
    }

    /// Late / delivered: a full count, so it has no interval. `None` where nothing was delivered.
    pub fn late_share(&self) -> Option<f64> {
        let delivered = self.delivered();
        (delivered > 0).then(|| self.count(State::Late) as f64 / delivered as f64)
    }

    /// The figures: customers let down (`letdowns.PROMISE`), instances by state, let-downs in all, and the share that came late.
    pub fn figures(&self, frame: &Frame) -> Vec<Figure> {
        let id = |last: &str| format!("letdowns.{}{last}", self.promise);
        let count = |last: &str, count: u64| {
            let told = self.refused.as_deref().map_or(Ok(count), Err);
            frame.count(id(last), told, Evidence::Measured)
        };
        let mut figures = vec![
            count("", self.harmed),
            count(".exposed", self.exposed()),
            count(".total", self.let_downs()),
        ];
        for state in State::ALL {
            figures.push(count(&format!(".{state}"), self.count(state)));
        }
        figures.push(match (&self.refused, self.late_share()) {
            (Some(reason), _) => frame.refused(id(".late-share"), reason, Evidence::Measured),
            (None, Some(share)) => frame.value(
                id(".late-share"),
                share,
                self.delivered(),
                Evidence::Measured,
            ),
            (None, None) => frame.refused(
                id(".late-share"),
                "nothing was delivered, so there is nothing to take the share of",
                Evidence::Measured,
            ),
        });
        figures
    }
}

impl Harm {
    /// Whom a promise let down, in the instances that came due from one moment until just before another, or in all of them.
    ///
    /// # Errors
    /// Whatever keeps the promise from being replayed.
    pub async fn of(session: &Session, promise: &str, within: Option<(i64, i64)>) -> Result<Self> {
        let text = HARMED.fill(&[
            ("promise", &literal(promise)),
            ("counted", counted(session)),
            ("due", &due(within)),
        ]);
        let mut harm = Harm {
            promise: promise.to_owned(),
            ..Harm::default()
        };
        for batch in session.sql(&text).await? {
            let customers = typed::<FixedSizeBinaryArray>(&batch, 0)?;
            let times = typed::<Int64Array>(&batch, 1)?;
            let first = typed::<Int64Array>(&batch, 2)?;
            let about = typed::<StringArray>(&batch, 3)?;
            for row in 0..batch.num_rows() {
                let Some(customer) = IdentifierId::from_slice(customers.value(row)) else {
                    continue;
                };
                harm.times.insert(customer, times.value(row) as u64);
                harm.first.insert(customer, first.value(row));
                harm.about.insert(customer, about.value(row).to_owned());
            }
        }
        Ok(harm)
    }

    /// Whom each measurable promise ever let down.
    ///
    /// # Errors
    /// `AM0406` and the like when the ledger cannot be read.
    pub async fn of_all(session: &Session, within: Option<(i64, i64)>) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for promise in session.project().promises.values() {
            if needs(session, promise).is_some() {
                continue;
            }
            match Harm::of(session, &promise.name, within).await {
                Err(problem) if problem.code().starts_with("AM07") => {}
                harm => all.push(harm?),
            }
        }
        Ok(all)
    }
}

/// What a promise needs to be measured, where that is missing: events that open it, and events that could keep it.
fn needs(session: &Session, promise: &Promise) -> Option<String> {
    let mut missing: Vec<&str> = [&promise.opens, &promise.kept]
        .into_iter()
        .map(|on| on.kind.as_str())
        .filter(|kind| !session.kinds().contains_key(*kind))
        .collect();
    missing.dedup();
    (!missing.is_empty()).then(|| {
        format!(
            "not measurable yet: no event of kind {} has been imported",
            missing.join(" or ")
        )
    })
}

/// The condition that an instance came due within a stretch of time.
fn due(within: Option<(i64, i64)>) -> String {
    within.map_or_else(
        || "true".into(),
        |(from, until)| format!("due_at >= {} and due_at < {}", moment(from), moment(until)),
    )
}

fn unknown(state: &str) -> Problem {
    Problem::new("AM0804", "an instance stands in a state that is not known")
        .detail(format!("{state:?}"))
}
