//! How the text of one cell is read, one file per type. Nothing here guesses: a text that is not quite what was declared is refused.

mod clock;
mod date;
mod moment;
mod number;

pub(crate) use clock::Clock;
pub(crate) use date::{date, month};
pub(crate) use moment::{epoch, moment};
pub(crate) use number::{boolean, integer, minor_units, number};

/// A format of a definition, with what can be known of it beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// ISO 8601.
    Iso,
    /// Exactly a date and a time as `2018-03-01 10:00:00`, written as a format.
    DateSpaceTime(String),
    /// Any other strptime format.
    Format(String),
}

impl Shape {
    /// The shape of a column rule's format.
    pub(crate) fn of(format: Option<&str>) -> Self {
        match format {
            None => Shape::Iso,
            Some(text @ ("%Y-%m-%d %H:%M:%S" | "%Y-%m-%dT%H:%M:%S" | "%F %T" | "%FT%T")) => {
                Shape::DateSpaceTime(text.to_owned())
            }
            Some(text) => Shape::Format(text.to_owned()),
        }
    }
}
