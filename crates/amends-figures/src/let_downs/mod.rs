//! What was promised, and what became of it.
//!
//! Of a period, the instances that came due in it: each instance is due once, so that periods neither share an instance nor lose one,
//! and numerator and denominator of a share are of the same instances. What must not happen is not due at a time of its own: it is exposed
//! in every period in which it binds, and a let-down of the one in which it happens.

mod read;

use std::collections::BTreeMap;

use amends_model::{Evidence, Figure, IdentifierId, State};

use crate::Frame;

pub(crate) use read::{due_of, measurable, unmeasurable};
pub use read::{read, read_one};

/// The id of the figure of customers let down by any promise.
pub const BY_ANY: &str = "let-down";

/// Why it cannot be told who was let down by any promise: because none of them is measurable. `None` where one is, or where nothing is promised.
pub(crate) fn refused_all(promises: &[Kept]) -> Option<String> {
    let reasons: Option<Vec<&str>> = promises
        .iter()
        .map(|kept| kept.refused.as_deref())
        .collect();
    let first = *reasons?.first()?;
    Some(format!("no promise is measurable: {first}"))
}

/// How one promise stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its name.
    pub promise: String,
    /// The promise in the company's own words.
    pub says: String,
    /// Whether it is due at all: what must not happen is never late.
    pub is_due: bool,
    /// Instances of the period by state.
    pub states: BTreeMap<State, u64>,
    /// Customers that it ever let down.
    pub harmed: BTreeMap<IdentifierId, Harmed>,
    /// Why it is not measurable, and what it needs.
    pub refused: Option<String>,
}

/// What a promise did to one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harmed {
    /// When the first let-down ever could have been known, in microseconds of UTC.
    pub ever: i64,
    /// The let-downs of the period; `None` where there are none.
    pub within: Option<Within>,
}

/// The let-downs of one customer by one promise in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// How many.
    pub times: u64,
    /// When the first could have been known, in microseconds of UTC.
    pub first: i64,
    /// What one of them is about.
    pub about: String,
}

impl Kept {
    /// Customers whom it let down in the period.
    pub fn customers(&self) -> u64 {
        let harmed = self.harmed.values().filter(|one| one.within.is_some());
        harmed.count() as u64
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

    /// Late / delivered: a full count, so it has no interval. `None` where nothing was delivered, or nothing is ever late.
    pub fn late_share(&self) -> Option<f64> {
        let delivered = self.delivered();
        (self.is_due && delivered > 0).then(|| self.count(State::Late) as f64 / delivered as f64)
    }

    /// The figures: customers let down (`letdowns.PROMISE`), instances by state, let-downs in all, and the share that came late.
    pub fn figures(&self, frame: &Frame) -> Vec<Figure> {
        let id = |last: &str| format!("letdowns.{}{last}", self.promise);
        let count = |last: &str, count: u64| {
            let told = self.refused.as_deref().map_or(Ok(count), Err);
            frame.count(id(last), told, Evidence::Measured)
        };
        let mut figures = vec![
            count("", self.customers()),
            count(".exposed", self.exposed()),
            count(".total", self.let_downs()),
        ];
        for state in State::ALL {
            figures.push(count(&format!(".{state}"), self.count(state)));
        }
        let share = match (&self.refused, self.late_share()) {
            (Some(reason), _) => frame.refused(id(".late-share"), reason, Evidence::Measured),
            (None, Some(share)) => frame.value(
                id(".late-share"),
                share,
                self.delivered(),
                Evidence::Measured,
            ),
            (None, None) => {
                let reason = match self.is_due {
                    true => "nothing was delivered, so there is nothing to take the share of",
                    false => "what must not happen is never late",
                };
                frame.refused(id(".late-share"), reason, Evidence::Measured)
            }
        };
        let over = [State::Late, State::Kept, State::Beaten].map(|state| id(&format!(".{state}")));
        let over: Vec<&str> = over.iter().map(String::as_str).collect();
        figures.push(Frame::computed(
            share,
            "late / (late + kept + beaten)",
            &over,
        ));
        figures
    }
}
