//! The report card of one period: what came in, what went out, why, who recommended us, and which promises were kept.

mod json;
mod marbles;
mod sentences;
mod words;

use std::collections::BTreeSet;

use amends_model::{Evidence, Figure, IdentifierId, Period, Result};
use amends_query::Session;

use crate::Frame;
use crate::churn;
use crate::customer_math::{Book, CustomerMath, Line, Remarks};
use crate::let_downs::{self, BY_ANY, Kept, refused_all};
use crate::reasons::WhyTheyLeft;
use crate::recommend::Recommendation;

pub use marbles::Marbles;

/// How many reasons a card shows; the others can be asked for.
pub const REASONS_SHOWN: usize = 5;
/// How many marbles fit in a bowl.
pub const MARBLES_THAT_FIT: u64 = 60;

/// The report card of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The period, its bounds, and the version of the definitions.
    pub frame: Frame,
    /// Customers gained and lost.
    pub math: CustomerMath,
    /// Why they left.
    pub why: WhyTheyLeft,
    /// Who recommended us.
    pub recommendation: Recommendation,
    /// Churn in a year, beside what is often claimed.
    pub churn: Vec<Figure>,
    /// What became of the promises that came due.
    pub promises: Vec<Kept>,
    /// Customers let down by any of them.
    pub harmed: u64,
    /// Three sentences to read aloud.
    pub sentences: [String; 3],
    /// Two bowls of marbles.
    pub marbles: Marbles,
    /// What was unclear in the data, in sentences.
    pub remarks: Vec<String>,
}

/// The report card of a period.
///
/// # Errors
/// `AM0801` when the customer math does not add up; `AM0803` when a definition cannot be planned over the events that there are;
/// whatever keeps the ledger from being read.
pub async fn card(session: &Session, period: Period) -> Result<Card> {
    let book = Book::read(session).await?;
    card_of(session, &book, period).await
}

/// As [`card`], over a book that was read before.
///
/// # Errors
/// As [`card`].
pub async fn card_of(session: &Session, book: &Book, period: Period) -> Result<Card> {
    let frame = Frame::of(session, period)?;
    let math = CustomerMath::of(session, book, &frame)?;
    let promises = let_downs::read(session, Some((frame.from, frame.until))).await?;
    let why = WhyTheyLeft::of(book, &frame, &promises);
    let harmed = promises.iter().flat_map(|kept| &kept.harmed);
    let harmed: BTreeSet<IdentifierId> = harmed
        .filter(|(_, harmed)| harmed.within.is_some())
        .map(|(customer, _)| *customer)
        .collect();
    let harmed = harmed.len() as u64;
    let company = &session.project().company;
    let told = |line: Line| math.get(line);
    let gained = told(Line::New).unwrap_or(0) + told(Line::Returned).unwrap_or(0);
    let marbles = Marbles::fitting(gained, told(Line::Lost), MARBLES_THAT_FIT);
    Ok(Card {
        churn: churn::figures(&math, book, &frame),
        recommendation: Recommendation::of(session, &frame).await?,
        sentences: sentences::three(company, &frame, &math, &why, &promises, harmed),
        marbles,
        remarks: remarks(&book.remarks, &company.customers_word),
        frame,
        math,
        why,
        promises,
        harmed,
    })
}

impl Card {
    /// Customers let down by any promise; `None` where none of them is measurable.
    pub fn let_down(&self) -> Option<u64> {
        refused_all(&self.promises).is_none().then_some(self.harmed)
    }

    /// Every figure of the card.
    pub fn figures(&self) -> Vec<Figure> {
        let mut figures = self.math.figures.clone();
        let lost = self
            .math
            .refusal
            .as_ref()
            .and_then(|refusal| refusal.of(Line::Lost));
        let told = lost.map_or(Ok(()), Err);
        figures.extend(self.why.figures(&self.frame, told));
        let refused = refused_all(&self.promises);
        let harmed = refused.as_deref().map_or(Ok(self.harmed), Err);
        figures.push(self.frame.count(BY_ANY, harmed, Evidence::Measured));
        figures.extend(self.recommendation.figures(&self.frame));
        figures.extend(self.churn.iter().cloned());
        for kept in &self.promises {
            figures.extend(kept.figures(&self.frame));
        }
        figures
    }
}

/// What was unclear, and how it was settled.
fn remarks(remarks: &Remarks, several: &str) -> Vec<String> {
    let mut said = Vec::new();
    if remarks.known_before > 0 {
        said.push(format!(
            "{} {several} are known only from the end of a contract: they count as customers since before the book begins",
            words::number(remarks.known_before)
        ));
    }
    if remarks.ended_before_begun > 0 {
        said.push(format!(
            "contracts that end before they begin, taken as ended the moment they began: {}",
            words::number(remarks.ended_before_begun)
        ));
    }
    if remarks.stray_ends > 0 {
        said.push(format!(
            "leaving events that end nothing that had begun, not counted: {}",
            words::number(remarks.stray_ends)
        ));
    }
    said
}
