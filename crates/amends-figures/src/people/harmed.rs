//! The people behind let-downs.

use amends_model::{Result, time};
use amends_query::Session;

use super::{Person, no_such, refused};
use crate::Frame;
use crate::let_downs;

pub(super) async fn behind(
    session: &Session,
    frame: &Frame,
    figure: &str,
    promise: &str,
) -> Result<Vec<Person>> {
    if !session.project().promises.contains_key(promise) {
        return Err(no_such(figure));
    }
    let within = Some((frame.from, frame.until));
    let kept = let_downs::read_one(session, promise, within).await?;
    if let Some(reason) = kept.refused {
        return Err(refused(figure, &reason));
    }
    let mut people = Vec::new();
    for (customer, harmed) in kept.harmed {
        let Some(within) = harmed.within else {
            continue;
        };
        let about = &within.about;
        let why = match within.times {
            1 => format!("let down over {about}"),
            2 => format!("let down twice, over {about} and once more"),
            times => format!("let down {times} times, over {about} among others"),
        };
        people.push(Person {
            customer,
            identifiers: Vec::new(),
            since: None,
            at: Some(time::from_micros(within.first)?),
            why,
        });
    }
    Ok(people)
}
