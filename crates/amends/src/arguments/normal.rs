//! Arguments of what is normal.

use amends_model::Every;
use clap::{Args, ValueEnum};

/// What is held against its own past.
#[derive(Args, Debug)]
pub(crate) struct Normal {
    /// Only this promise, or this touchpoint or owner with its promises, period by period; `touchpoint.NAME` or `owner.NAME` where several have the name.
    #[arg(value_name = "PROMISE|TOUCHPOINT|OWNER")]
    pub name: Option<String>,
    /// How long periods are.
    #[arg(long, default_value = "week", value_name = "LENGTH")]
    pub every: Length,
    /// Which day (2018-03-05), week (2018-W10) or month (2018-03) is looked at. Default: of each promise the newest that is reported to its end.
    #[arg(long, value_name = "P")]
    pub period: Option<String>,
    /// At most so many periods of a promise for people, the newest; JSON has them all.
    #[arg(long, default_value_t = 26, value_name = "N")]
    pub limit: usize,
}

/// How long periods are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Length {
    /// Days.
    Day,
    /// Weeks, from Monday on.
    Week,
    /// Calendar months.
    Month,
}

impl Length {
    /// As charts have it.
    pub(crate) fn every(self) -> Every {
        match self {
            Length::Day => Every::Day,
            Length::Week => Every::Week,
            Length::Month => Every::Month,
        }
    }
}
