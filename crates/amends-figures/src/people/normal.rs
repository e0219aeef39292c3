//! The people behind what is charted of a promise in one day, week or month.

use amends_model::{Every, Result, State, Stretch, time};
use amends_project::definition::Promise;
use amends_query::Session;

use super::harmed::instances;
use super::{Identifiers, Person, no_such, refused};
use crate::let_downs::{due_of, unmeasurable};
use crate::normal::{is_charted_together, reported};
use crate::sql::moment;

/// Those behind `normal.PROMISE.let-down` (or `normal.touchpoint.NAME.let-down`, `normal.owner.NAME.let-down`), whom it let down in the period; `.late`, to whom it came late; `.made`, to whom it was
/// made; once for each time. Without a period, of the newest week that is reported to its end.
///
/// # Errors
/// `AM0806` when there is no such figure; `AM0807` when the promise cannot be measured; `AM0002` when the period cannot be represented; `AM0804` when reading fails.
pub async fn normal(
    session: &Session,
    figure: &str,
    period: Option<Stretch>,
) -> Result<(Stretch, Vec<Person>)> {
    let named = figure.strip_prefix("normal.");
    let named = named.and_then(|rest| rest.rsplit_once('.'));
    let (name, whom) = named.ok_or_else(|| no_such(figure))?;
    let promises = promises(session, name);
    let let_down = State::ALL.into_iter().filter(|state| state.is_let_down());
    let (states, column, also): (Vec<State>, _, _) = match whom {
        "let-down" => (let_down.collect(), "due_at", ""),
        "late" => (vec![State::Late], "due_at", " and late_by_us >= 0"),
        "made" => (State::ALL.to_vec(), "opened_at", ""),
        _ => return Err(no_such(figure)),
    };
    let mut measurable = Vec::new();
    let mut reason = None;
    for promise in promises {
        match unmeasurable(session, promise).await? {
            None => measurable.push(promise),
            why => reason = why,
        }
    }
    if measurable.is_empty() {
        return Err(reason.map_or_else(|| no_such(figure), |reason| refused(figure, &reason)));
    }
    let newest = measurable
        .iter()
        .map(|promise| newest_week(session, promise));
    let newest = newest.collect::<Result<Vec<_>>>()?.into_iter().min();
    let period = period.or(newest).ok_or_else(|| no_such(figure))?;
    let (from, until) = period.bounds(&session.project().company.zone)?;
    let (from, until) = (time::micros(from), time::micros(until));
    let mut people = Vec::new();
    for promise in measurable {
        let within = match column {
            "due_at" => due_of(promise, (from, until)),
            _ => format!(
                "{column} >= {} and {column} < {}",
                moment(from),
                moment(until)
            ),
        };
        let within = format!("{within}{also}");
        people.extend(instances(session, &promise.name, &states, &within).await?);
    }
    let identifiers = Identifiers::read(session).await?;
    for person in &mut people {
        person.identifiers = identifiers.of(person.customer);
    }
    Ok((period, people))
}

/// The promise of a name; or those that are charted together of a touchpoint, as `touchpoint.NAME`, or of an owner, as `owner.NAME`.
fn promises<'a>(session: &'a Session, name: &str) -> Vec<&'a Promise> {
    let project = session.project();
    if let Some(promise) = project.promises.get(name) {
        return vec![promise];
    }
    let is_counted = |promise: &&Promise| {
        let touchpoint = promise.touchpoint.as_ref();
        let touchpoint = touchpoint.and_then(|name| project.touchpoints.get(name));
        let is_meant = touchpoint.is_some_and(|one| match name.split_once('.') {
            Some(("touchpoint", name)) => one.name == name,
            Some(("owner", name)) => one.owner == name,
            _ => false,
        });
        is_meant && is_charted_together(promise)
    };
    project.promises.values().filter(is_counted).collect()
}

/// The newest week that is reported to its end.
fn newest_week(session: &Session, promise: &Promise) -> Result<Stretch> {
    let zone = &session.project().company.zone;
    let reported = time::from_micros(reported(session, promise))?;
    let day = reported.to_zoned(zone.clone()).date();
    // The week of the day before is over, or is not.
    let last = day.yesterday().unwrap_or(day);
    let week = Stretch::containing(last, Every::Week);
    let before = week.first_day().yesterday().unwrap_or(day);
    Ok(match week.bounds(zone)?.1 <= reported {
        true => week,
        false => Stretch::containing(before, Every::Week),
    })
}
