//! The people behind what is charted of a promise in one day, week or month.

use amends_model::{Every, Result, State, Stretch, time};
use amends_project::definition::Promise;
use amends_query::Session;
use jiff::Timestamp;

use super::harmed::{Dated, instances};
use super::{Identifiers, Person, no_such, refused};
use crate::let_downs::{due_of, unmeasurable};
use crate::normal::{is_charted_together, reported, used_of};
use crate::sql::moment;

/// Those behind what is charted of one day, week or month.
pub struct InPeriod {
    /// Which.
    pub period: Stretch,
    /// Who, once for each time.
    pub people: Vec<Person>,
    /// Until when all is reported that opens or decides it, where that is not to the end of the period: more may follow.
    pub reported_until: Option<Timestamp>,
}

/// What of instances is listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whom {
    LetDown,
    Late,
    Undone,
    Made,
}

/// Those behind `normal.PROMISE.let-down` (or `normal.touchpoint.NAME.let-down`, `normal.owner.NAME.let-down`), whom it let down in the period; `.late`, to whom it came late; `.undone`, to whom it was not done in the time in which nearly everything late used to be; `.made`, to whom it was
/// made; once for each time. Without a period, of the newest week that is reported to its end.
///
/// # Errors
/// `AM0806` when there is no such figure; `AM0807` when the promise cannot be measured; `AM0002` when the period cannot be represented; `AM0804` when reading fails.
pub async fn normal(session: &Session, figure: &str, period: Option<Stretch>) -> Result<InPeriod> {
    let named = figure.strip_prefix("normal.");
    let named = named.and_then(|rest| rest.rsplit_once('.'));
    let (name, whom) = named.ok_or_else(|| no_such(figure))?;
    let promises = promises(session, name);
    let whom = match whom {
        "let-down" => Whom::LetDown,
        "late" => Whom::Late,
        "undone" => Whom::Undone,
        "made" => Whom::Made,
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
    let within = (time::micros(from), time::micros(until));
    let mut people = Vec::new();
    for promise in &measurable {
        people.extend(of_promise(session, promise, whom, within).await?);
    }
    let until = within.1;
    let reported = measurable
        .iter()
        .map(|promise| reported(session, promise))
        .min();
    let short = reported.filter(|reported| *reported < until);
    let identifiers = Identifiers::read(session).await?;
    for person in &mut people {
        person.identifiers = identifiers.of(person.customer);
    }
    Ok(InPeriod {
        period,
        people,
        reported_until: short.map(time::from_micros).transpose()?,
    })
}

/// Those of one promise, of a stretch of time.
async fn of_promise(
    session: &Session,
    promise: &Promise,
    whom: Whom,
    within: (i64, i64),
) -> Result<Vec<Person>> {
    let let_down = State::ALL.into_iter().filter(|state| state.is_let_down());
    let due = || due_of(promise, within);
    let (states, dated, condition): (Vec<State>, _, _) = match whom {
        Whom::LetDown => (let_down.collect(), Dated::Known, due()),
        Whom::Late => {
            let late = format!("{} and late_by_us >= 0", due());
            (vec![State::Late], Dated::Known, late)
        }
        Whom::Undone => {
            let used = used_of(session, promise).await?;
            let passed = reported(session, promise).saturating_sub(used);
            let undone = format!(
                "{} and late_by_us >= 0 and (state <> 'late' or late_by_us > {used}) and due_at <= {}",
                due(),
                moment(passed)
            );
            (let_down.collect(), Dated::Known, undone)
        }
        Whom::Made => {
            let (from, until) = (moment(within.0), moment(within.1));
            let made = format!("opened_at >= {from} and opened_at < {until}");
            (State::ALL.to_vec(), Dated::Opened, made)
        }
    };
    instances(session, &promise.name, &states, &condition, dated).await
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
