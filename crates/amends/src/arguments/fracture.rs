//! What `amends fracture` is asked.

use clap::{Args, Subcommand, ValueEnum};

/// What to do with a fracture. Every decision is an event that stays in the ledger, with who and why; it must not name a customer.
#[derive(Subcommand, Debug)]
pub(crate) enum FractureAction {
    /// Show everything that is known of it.
    Show {
        /// Its id, or the beginning of it.
        id: String,
    },
    /// Look at all of them, and keep what is seen as an event. What two looks in a row see, as of different days, is told as new; what was mended and two of
    /// them see break again, as regressed. Run it after each import.
    Look,
    /// Take it: from now on it belongs to somebody.
    Own {
        /// Which, by whom, and why.
        #[command(flatten)]
        decided: DecidedBy,
        /// To whom it belongs. Default: whoever decides.
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
    },
    /// Say that it is being mended.
    Mend(DecidedBy),
    /// Say that it is mended. Should two looks in a row see it break again more often than elsewhere, it is told as regressed.
    Mended {
        /// Which, by whom, and why.
        #[command(flatten)]
        decided: DecidedBy,
        /// From which day on: of what is promised from then on. Default: from now on.
        #[arg(long, value_name = "DAY")]
        on: Option<String>,
    },
    /// Say that it is known, and borne.
    Accept(DecidedBy),
    /// Say that it is none.
    Dismiss(DecidedBy),
    /// Add a note. It changes nothing.
    Note(DecidedBy),
}

/// Who decides about a fracture.
#[derive(Args, Debug)]
pub(crate) struct DecidedBy {
    /// Its id, or the beginning of it.
    pub id: String,
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Why, or what there is to note.
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
}

/// In which order fractures are told (rule 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// First the people.
    People,
    /// First the money at stake.
    Money,
}

impl By {
    /// Its word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            By::People => "people",
            By::Money => "money",
        }
    }
}
