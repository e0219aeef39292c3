//! The customer math of one period as figures.

use amends_model::{Evidence, Figure, Result};
use amends_query::Session;
use jiff::tz::TimeZone;

use super::{Book, Counts, Line, Refusal};
use crate::Frame;

/// The lines of those who came and went: what `net` is computed from.
pub const MOVES: [Line; 3] = [Line::New, Line::Returned, Line::Lost];

/// Customers gained and lost in one period.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerMath {
    /// The counts as they were found, refused or not.
    pub counts: Counts,
    /// What of them is refused, and why.
    pub refusal: Option<Refusal>,
    /// One figure for each line, then `net`.
    pub figures: Vec<Figure>,
}

impl CustomerMath {
    /// The customer math of a period.
    ///
    /// # Errors
    /// `AM0801` when it does not add up person by person.
    pub fn of(session: &Session, book: &Book, frame: &Frame) -> Result<Self> {
        let counts = book.period(frame.from, frame.until)?;
        Self::told(counts, book, frame, &session.project().company.zone)
    }

    /// What counts of a period tell, of the whole book or of some of it: refused where the book's would be.
    pub(crate) fn told(
        counts: Counts,
        book: &Book,
        frame: &Frame,
        zone: &TimeZone,
    ) -> Result<Self> {
        let refusal = book.refusal(frame.from, frame.until, zone)?;
        let told = |line: Line| match refusal.as_ref().and_then(|refusal| refusal.of(line)) {
            Some(reason) => Err(reason),
            None => Ok(counts.get(line)),
        };
        let mut figures: Vec<Figure> = Line::ALL
            .into_iter()
            .map(|line| frame.count(line.id(), told(line), evidence(line)))
            .collect();
        let net = match told(Line::Lost) {
            Ok(lost) => {
                let moves = counts.new + counts.returned + lost;
                frame.value("net", counts.net() as f64, moves, Evidence::Measured)
            }
            Err(reason) => frame.refused("net", reason, Evidence::Measured),
        };
        let over = MOVES.map(Line::id);
        figures.push(Frame::computed(net, "new + returned - lost", &over));
        Ok(Self {
            counts,
            refusal,
            figures,
        })
    }

    /// The count of a line; `None` where it is refused.
    pub fn get(&self, line: Line) -> Option<u64> {
        let refused = self.refusal.as_ref().and_then(|refusal| refusal.of(line));
        refused.is_none().then(|| self.counts.get(line))
    }

    /// Gained less lost; `None` where it is refused.
    pub fn net(&self) -> Option<i64> {
        self.get(Line::Lost).map(|_| self.counts.net())
    }
}

/// Whose doing a loss was, and over what, is what customers stated; that it happened was measured.
fn evidence(line: Line) -> Evidence {
    match line {
        Line::LostBy(_) | Line::LostOver(_) => Evidence::StatedByCustomers,
        _ => Evidence::Measured,
    }
}
