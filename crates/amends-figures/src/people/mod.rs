//! Who is behind a figure: one entry for each thing that it counts.

mod fallen;
mod harmed;
mod identifiers;
mod let_down;
mod members;
mod normal;
mod recommenders;

use amends_model::{IdentifierId, Period, Problem, Result};
use amends_query::Session;
use jiff::Timestamp;

use crate::customer_math::{Book, Line, Reason};
use crate::{Frame, churn, course, let_downs, reasons};

pub use fallen::fallen;
pub use identifiers::{Identifiers, Named};
pub(crate) use members::left;
pub use normal::{InPeriod, normal};

/// Somebody behind a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The customer, or the account where those are counted.
    pub customer: IdentifierId,
    /// What sources call them, in order of namespace and identifier.
    pub identifiers: Vec<Named>,
    /// Since when they were a customer at that time; `None` where it was before anything was recorded, or they were none.
    pub since: Option<Timestamp>,
    /// When what is counted happened; `None` for those who were simply there.
    pub at: Option<Timestamp>,
    /// Why they are counted, in a few words.
    pub why: String,
}

/// Ids of figures that have people behind them, with what comes after a dot filled in by the project.
pub const IDS: &str = "opening, new, returned, lost, lost.natural, lost.avoidable, lost.company, lost.unknown, lost.product, lost.service, \
     lost.price, lost.life, lost.no-cause, joined-and-left, closing, net, churn.period, churn.period.NATURE, reason.NAME, left-without-reason, let-down, \
     let-down-before-leaving.PROMISE, reason.NAME.let-down-before-leaving.PROMISE, recommend.said, recommend.did, \
     recommend.kept-word, letdowns.PROMISE, letdowns.PROMISE.exposed, letdowns.PROMISE.total, letdowns.PROMISE.STATE, fracture.ID for \
     whom a fracture let down, and normal.PROMISE.let-down, normal.PROMISE.late, normal.PROMISE.undone, normal.PROMISE.made of a day, week or month";

/// The people behind a figure of a period, in order of customer: as many as the figure counts. Behind `net` are those who came and those who went,
/// behind `churn.period` and its parts those of the opening who were lost.
///
/// # Errors
/// `AM0806` when there is no such figure; `AM0807` when the figure is refused, with the reason; `AM0809` when it is computed from others or assumed.
pub async fn people(session: &Session, figure: &str, period: Period) -> Result<Vec<Person>> {
    let book = Book::read(session).await?;
    people_in(session, &book, figure, period).await
}

/// As [`people`], of all or of one segment: its name, and the value that is said of its customers, `None` where nothing is.
///
/// # Errors
/// As [`people`]; `AM0811` when there is no such segment, or the figure is none of the customer math.
pub async fn people_of(
    session: &Session,
    figure: &str,
    period: Period,
    segment: Option<(&str, Option<&str>)>,
) -> Result<Vec<Person>> {
    let Some((name, value)) = segment else {
        return people(session, figure, period).await;
    };
    let is_of_book = Line::of_id(figure).is_some()
        || ["net", "churn.", "reason."]
            .iter()
            .any(|beginning| figure.starts_with(beginning));
    if !is_of_book {
        return Err(
            Problem::new("AM0811", "this figure is not told by segment")
                .detail(format!("{figure:?}"))
                .hint("segments tell apart those who came, went, and why: opening, new, returned, lost, closing, churn and reasons"),
        );
    }
    let book = course::within(session, name, value).await?;
    people_in(session, &book, figure, period).await
}

/// As [`people`], over a book that was read before.
///
/// # Errors
/// As [`people`].
pub async fn people_in(
    session: &Session,
    book: &Book,
    figure: &str,
    period: Period,
) -> Result<Vec<Person>> {
    let frame = Frame::of(session, period)?;
    let mut people = if let Some(line) = Line::of_id(figure) {
        members::behind_line(session, book, &frame, line)?
    } else if figure == "net" {
        members::behind_net(session, book, &frame)?
    } else if figure.starts_with("churn.") {
        behind_churn(session, book, &frame, figure)?
    } else if let Some(promise) = of_late_share(figure) {
        let late = format!("letdowns.{promise}.late");
        return Err(computed(figure, &late));
    } else if figure == let_downs::BY_ANY {
        let_down::by_any(session, &frame, figure).await?
    } else if figure.contains(reasons::BEFORE_LEAVING) {
        let_down::before_leaving(session, book, &frame, figure).await?
    } else if figure == reasons::UNSTATED {
        members::behind_reason(session, book, &frame, Reason::NONE)?
    } else if figure.starts_with("reason.") {
        let reason = reasons::of_id(&book.reasons, figure);
        let reason = reason.ok_or_else(|| no_such(figure))?;
        members::behind_reason(session, book, &frame, reason)?
    } else if figure.starts_with("recommend.") {
        recommenders::behind(session, &frame, figure).await?
    } else if let Some(promise) = figure.strip_prefix("letdowns.") {
        harmed::behind(session, &frame, figure, promise).await?
    } else {
        return Err(no_such(figure));
    };
    let identifiers = Identifiers::read(session).await?;
    for person in &mut people {
        person.identifiers = identifiers.of(person.customer);
    }
    Ok(people)
}

fn behind_churn(
    session: &Session,
    book: &Book,
    frame: &Frame,
    figure: &str,
) -> Result<Vec<Person>> {
    if figure == "churn.period" {
        return members::behind_churn(session, book, frame, None);
    }
    if let Some(nature) = churn::nature_of_id(figure) {
        return members::behind_churn(session, book, frame, Some(nature));
    }
    match figure.strip_prefix("churn.year") {
        Some(part)
            if part.is_empty() || churn::nature_of_id(&format!("churn.period{part}")).is_some() =>
        {
            Err(computed(figure, &format!("churn.period{part}")))
        }
        _ if figure.starts_with("churn.claimed.") => Err(Problem::new(
            "AM0809",
            "nobody is behind this figure: it is assumed",
        )
        .detail(format!("{figure:?}"))
        .hint("its `source` in `amends card --json` says where it was taken from")),
        _ => Err(no_such(figure)),
    }
}

/// The promise of whose instances the figure is the share that came late.
fn of_late_share(figure: &str) -> Option<&str> {
    figure
        .strip_prefix("letdowns.")?
        .strip_suffix(".late-share")
}

fn computed(figure: &str, from: &str) -> Problem {
    Problem::new(
        "AM0809",
        "nobody is behind this figure alone: it is computed from others",
    )
    .detail(format!("{figure:?}"))
    .hint(format!(
        "`amends people {from}` lists those behind what it is computed from"
    ))
}

fn no_such(figure: &str) -> Problem {
    Problem::new(
        "AM0806",
        "there is no figure with people behind it by this name",
    )
    .detail(format!("{figure:?}"))
    .hint(format!("the figures are: {IDS}"))
}

fn refused(figure: &str, reason: &str) -> Problem {
    Problem::new("AM0807", "this figure is refused, so nobody is behind it")
        .detail(format!("{figure:?}: {reason}"))
}
