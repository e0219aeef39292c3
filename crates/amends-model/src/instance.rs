//! The states of a promise made to one customer once (DESIGN, the words).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How one instance of a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Made, and not yet due.
    Open,
    /// Kept in time.
    Kept,
    /// Kept with room to spare.
    Beaten,
    /// Due, but a source that could have kept it has not reported that far.
    Unconfirmed,
    /// Due, proven not kept, and still waited for.
    Overdue,
    /// Kept after the deadline.
    Late,
    /// Given up.
    Broken,
    /// It no longer binds, for a reason that is not ours.
    Excused,
}

impl State {
    /// Every state, in the order of a promise's life.
    pub const ALL: [State; 8] = [
        State::Open,
        State::Kept,
        State::Beaten,
        State::Unconfirmed,
        State::Overdue,
        State::Late,
        State::Broken,
        State::Excused,
    ];

    /// The word for it in files, on screens and in columns.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Kept => "kept",
            State::Beaten => "beaten",
            State::Unconfirmed => "unconfirmed",
            State::Overdue => "overdue",
            State::Late => "late",
            State::Broken => "broken",
            State::Excused => "excused",
        }
    }

    /// Whether the customer was let down.
    pub fn is_let_down(self) -> bool {
        matches!(self, State::Overdue | State::Late | State::Broken)
    }

    /// Whether nothing that happens later changes it.
    pub fn is_closed(self) -> bool {
        matches!(
            self,
            State::Kept | State::Beaten | State::Late | State::Broken | State::Excused
        )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(())
    }
}
