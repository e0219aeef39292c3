//! The course of customer math: successive periods, of everybody and segment by segment.
//!
//! A membership belongs to the segment that the event said which began it, and stays there: so the segments of a period add up to everybody,
//! line by line.

mod assign;
mod read;

use amends_model::{Period, Problem, Result};
use amends_query::Session;

use crate::Frame;
use crate::customer_math::{Book, Boundaries, CustomerMath, Membership, periods};

pub use read::Segments;

/// Customer math of successive periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// Everybody.
    pub all: Vec<OfPeriod>,
    /// Each segment with customers, in order of its value; those of whom nothing was said last, as `None`. Empty where none was asked for.
    pub segments: Vec<(Option<String>, Vec<OfPeriod>)>,
}

/// One period.
#[derive(Clone, Debug, PartialEq)]
pub struct OfPeriod {
    /// The period and its bounds.
    pub frame: Frame,
    /// Who came and who went.
    pub math: CustomerMath,
}

/// The customer math of `count` periods from `first` on, also of each segment of a name.
///
/// # Errors
/// `AM0801` when it does not add up, in all or in a segment; `AM0811` when there is no such segment or it has more than [`Segments::MOST`] values;
/// as [`Book::read`].
pub async fn course(
    session: &Session,
    first: Period,
    count: usize,
    by: Option<&str>,
) -> Result<Course> {
    let (book, segments) = match by {
        None => (Book::read(session).await?, None),
        Some(name) => {
            let (book, segments) = Segments::read(session, name).await?;
            (book, Some(segments))
        }
    };
    let frames = frames(session, first, count)?;
    let zone = &session.project().company.zone;
    let boundaries = Boundaries::successive(first, count, zone)?;
    let of = |memberships: &[Membership]| -> Result<Vec<OfPeriod>> {
        let counts = periods(memberships, &boundaries)?;
        let told = frames.iter().zip(counts).map(|(frame, counts)| {
            Ok(OfPeriod {
                frame: frame.clone(),
                math: CustomerMath::told(counts, &book, frame, zone)?,
            })
        });
        told.collect()
    };
    let all = of(&book.memberships)?;
    let parts = segments.map(|segments| segments.parts(&book.memberships));
    let segments = parts.into_iter().flatten();
    let segments = segments.map(|(value, memberships)| Ok((value, of(&memberships)?)));
    let segments = segments.collect::<Result<_>>()?;
    Ok(Course { all, segments })
}

fn frames(session: &Session, first: Period, count: usize) -> Result<Vec<Frame>> {
    let mut frames = Vec::with_capacity(count);
    let mut period = first;
    for _ in 0..count {
        frames.push(Frame::of(session, period)?);
        period = period.next();
    }
    Ok(frames)
}

/// The book of those in one segment, for whoever asks who is behind a figure of it. `value` is `None` for those of whom nothing was said.
///
/// # Errors
/// As [`course`]; `AM0811` also when nobody has this value.
pub async fn within(session: &Session, name: &str, value: Option<&str>) -> Result<Book> {
    let (book, segments) = Segments::read(session, name).await?;
    let mut parts = segments.parts(&book.memberships);
    let found = parts
        .iter()
        .position(|(known, _)| known.as_deref() == value);
    let Some(place) = found else {
        let known: Vec<&str> = parts
            .iter()
            .map(|(known, _)| known.as_deref().unwrap_or(""))
            .collect();
        return Err(Problem::new("AM0811", "nobody is in this segment")
            .detail(format!("{name} = {:?}", value.unwrap_or("")))
            .hint(format!("its values are: {}", known.join(", "))));
    };
    Ok(Book {
        memberships: parts.swap_remove(place).1,
        ..book
    })
}
