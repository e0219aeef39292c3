//! The people who fell through a fracture.

use amends_fractures::Fracture;
use amends_model::{Result, time};
use amends_query::Session;

use super::{Identifiers, Person};

/// Everybody whom a fracture let down, once each, in order of customer; of a stretch of time those whose first let-down there could be known in it.
/// Moments in microseconds of UTC.
///
/// # Errors
/// `AM0804` when reading fails.
pub async fn fallen(
    session: &Session,
    fracture: &Fracture,
    within: Option<(i64, i64)>,
) -> Result<Vec<Person>> {
    let identifiers = Identifiers::read(session).await?;
    let is_within = |at: i64| within.is_none_or(|(from, until)| (from..until).contains(&at));
    let people = fracture
        .people
        .iter()
        .filter(|(_, one)| is_within(one.first));
    people
        .map(|(customer, harmed)| {
            let times = match harmed.times {
                1 => format!("let down over {}", harmed.about),
                times => format!("let down {times} times, first over {}", harmed.about),
            };
            let said = match harmed.spoke {
                None => "",
                Some(true) => "; spoke up",
                Some(false) => "; said nothing",
            };
            Ok(Person {
                customer: *customer,
                identifiers: identifiers.of(*customer),
                since: None,
                at: Some(time::from_micros(harmed.first)?),
                why: format!("{times}, {} serious{said}", harmed.serious),
            })
        })
        .collect()
}
