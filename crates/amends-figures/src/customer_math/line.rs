//! The lines of the customer math, and who stands behind each.

use amends_project::definition::{Cause, Nature};

use super::{Entry, Membership};

/// One line of the customer math.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// Customers when the period was about to begin.
    Opening,
    /// Those who became customers for the first time.
    New,
    /// Those who came back after having been lost.
    Returned,
    /// Those who were lost.
    Lost,
    /// Those lost, by whose doing it was.
    LostBy(Nature),
    /// Those lost, by what it was over.
    LostOver(Cause),
    /// Those who joined or returned, and were lost, within the period: in both counts, and here.
    JoinedAndLeft,
    /// Customers when the period was about to end.
    Closing,
}

impl Line {
    /// Every line, in the order of a card.
    pub const ALL: [Line; 15] = [
        Line::Opening,
        Line::New,
        Line::Returned,
        Line::Lost,
        Line::LostBy(Nature::Natural),
        Line::LostBy(Nature::Avoidable),
        Line::LostBy(Nature::Company),
        Line::LostBy(Nature::Unknown),
        Line::LostOver(Cause::Product),
        Line::LostOver(Cause::Service),
        Line::LostOver(Cause::Price),
        Line::LostOver(Cause::Life),
        Line::LostOver(Cause::Unknown),
        Line::JoinedAndLeft,
        Line::Closing,
    ];

    /// The id of its figure.
    pub fn id(self) -> &'static str {
        match self {
            Line::Opening => "opening",
            Line::New => "new",
            Line::Returned => "returned",
            Line::Lost => "lost",
            Line::LostBy(Nature::Natural) => "lost.natural",
            Line::LostBy(Nature::Avoidable) => "lost.avoidable",
            Line::LostBy(Nature::Company) => "lost.company",
            Line::LostBy(Nature::Unknown) => "lost.unknown",
            Line::LostOver(Cause::Product) => "lost.product",
            Line::LostOver(Cause::Service) => "lost.service",
            Line::LostOver(Cause::Price) => "lost.price",
            Line::LostOver(Cause::Life) => "lost.life",
            Line::LostOver(Cause::Unknown) => "lost.no-cause",
            Line::JoinedAndLeft => "joined-and-left",
            Line::Closing => "closing",
        }
    }

    /// The line of a figure's id.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|line| line.id() == id)
    }

    /// Whether it cannot be told without knowing who was lost.
    pub fn needs_losses(self) -> bool {
        !matches!(self, Line::Opening | Line::New | Line::Returned)
    }

    /// Whether a membership stands behind this line in the period from `from` until just before `until`.
    pub fn counts(self, membership: &Membership, from: i64, until: i64) -> bool {
        let within = |moment: i64| from <= moment && moment < until;
        let began =
            |entry: Entry| membership.entry == entry && membership.start.is_some_and(within);
        let left = membership.leaving.filter(|leaving| within(leaving.at));
        match self {
            Line::Opening => membership.spans(from),
            Line::Closing => membership.spans(until),
            Line::New => began(Entry::New),
            Line::Returned => began(Entry::Returned),
            Line::Lost => left.is_some(),
            Line::LostBy(nature) => left.is_some_and(|leaving| leaving.nature == nature),
            Line::LostOver(cause) => left.is_some_and(|leaving| leaving.cause == cause),
            Line::JoinedAndLeft => left.is_some() && membership.start.is_some_and(within),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_by_its_id() {
        for line in Line::ALL {
            assert_eq!(Line::of_id(line.id()), Some(line));
        }
        assert_eq!(Line::of_id("lost.by-wizards"), None);
    }
}
