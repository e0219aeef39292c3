//! Arguments of `amends plan`.

use clap::Args;

/// What is to be done with the definitions of the folder.
#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// Put the definitions of the folder in force.
    #[arg(long, requires = "approver")]
    pub in_force: bool,
    /// Who approved of them.
    #[arg(long, value_name = "NAME", requires = "in_force")]
    pub approver: Option<String>,
    /// They judge what opens from this day on; without it, from now on.
    #[arg(
        long,
        value_name = "DAY",
        requires = "in_force",
        conflicts_with = "restate"
    )]
    pub from: Option<String>,
    /// They judge everything that ever opened, so that figures of the past may move.
    #[arg(long, requires = "in_force")]
    pub restate: bool,
    /// Why.
    #[arg(long, value_name = "TEXT", requires = "in_force")]
    pub note: Option<String>,
    /// At most so many lines of each list for people; JSON has them all.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub limit: usize,
}
