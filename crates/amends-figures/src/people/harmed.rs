//! The people behind let-downs.

use amends_model::{Result, time};
use amends_query::Session;

use super::{Person, no_such, refused};
use crate::Frame;
use crate::let_downs::{Harm, Kept};

pub(super) async fn behind(
    session: &Session,
    frame: &Frame,
    figure: &str,
    promise: &str,
) -> Result<Vec<Person>> {
    let project = std::sync::Arc::clone(session.project());
    let promise = project.promises.get(promise);
    let promise = promise.ok_or_else(|| no_such(figure))?;
    let within = Some((frame.from, frame.until));
    let kept = Kept::of(session, promise, within).await?;
    if let Some(reason) = kept.refused {
        return Err(refused(figure, &reason));
    }
    let harm = Harm::of(session, &promise.name, within).await?;
    let mut people = Vec::with_capacity(harm.first.len());
    for (customer, first) in &harm.first {
        let times = harm.times.get(customer).copied().unwrap_or(1);
        let about = harm.about.get(customer).map_or("", String::as_str);
        let why = match times {
            1 => format!("let down over {about}"),
            2 => format!("let down twice, over {about} and once more"),
            _ => format!("let down {times} times, over {about} among others"),
        };
        people.push(Person {
            customer: *customer,
            identifiers: Vec::new(),
            since: None,
            at: Some(time::from_micros(*first)?),
            why,
        });
    }
    people.sort_by_key(|person| person.customer);
    Ok(people)
}
