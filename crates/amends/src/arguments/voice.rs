//! Arguments of what lays complaints beside let-downs.

use clap::{Args, ValueEnum};

/// Which promises are laid beside what customers said.
#[derive(Args, Debug, Default)]
pub(crate) struct Validate {
    /// Only this promise; JSON then tells everything that it named or that was complained of.
    #[arg(long, value_name = "ID")]
    pub promise: Option<String>,
    /// Only what was opened from this day, month, quarter or year on.
    #[arg(long, value_name = "P")]
    pub from: Option<String>,
    /// Only what was opened until the end of this day, month, quarter or year.
    #[arg(long, value_name = "P")]
    pub until: Option<String>,
    /// From when on the frontier is reported; its order is chosen on what was opened before. Default: the first month before which three in five complainers were.
    #[arg(long, value_name = "P", conflicts_with = "promise")]
    pub split: Option<String>,
}

/// Which complaints.
#[derive(Args, Debug)]
pub(crate) struct Complaints {
    /// The first period. Default: so that there are twelve.
    #[arg(long, value_name = "P")]
    pub from: Option<String>,
    /// The last period. Default: the last whole one.
    #[arg(long, value_name = "P")]
    pub to: Option<String>,
    /// Also each of them, one line a period; JSON always has both.
    #[arg(long)]
    pub by: Option<Apart>,
}

/// What complaints are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Apart {
    /// The source that tells of them.
    Source,
    /// What they are about.
    Service,
}
