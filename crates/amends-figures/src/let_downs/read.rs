//! The register of promises as it stands, read in two queries whatever its length.

use std::collections::BTreeMap;

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::Promise;
use amends_query::Session;
use arrow::array::{Array, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray};

use super::{Harmed, Kept, Within};
use crate::customer_math::counted;
use crate::sql::{Template, literal, moment, typed};

const STATES: Template = Template(include_str!("states.sql"));
const HARMED: Template = Template(include_str!("harmed.sql"));

/// How every promise of the register stands: the instances that came due from one moment until just before another, or all of them.
///
/// # Errors
/// `AM0406` and the like when the ledger cannot be read. What makes a promise itself unmeasurable is told in `refused`.
pub async fn read(session: &Session, within: Option<(i64, i64)>) -> Result<Vec<Kept>> {
    let promises: Vec<&Promise> = session.project().promises.values().collect();
    read_some(session, &promises, within).await
}

/// As [`read`], of one promise.
///
/// # Errors
/// As [`read`]; `AM0805` when there is no such promise.
pub async fn read_one(
    session: &Session,
    promise: &str,
    within: Option<(i64, i64)>,
) -> Result<Kept> {
    let no_such =
        || Problem::new("AM0805", "there is no such promise").detail(format!("{promise:?}"));
    let found = session.project().promises.get(promise);
    let kept = read_some(session, &[found.ok_or_else(no_such)?], within).await?;
    kept.into_iter().next().ok_or_else(no_such)
}

async fn read_some(
    session: &Session,
    promises: &[&Promise],
    within: Option<(i64, i64)>,
) -> Result<Vec<Kept>> {
    let mut register = BTreeMap::new();
    for promise in promises {
        let kept = Kept {
            promise: promise.name.clone(),
            says: promise.says.clone(),
            is_due: promise.shape.is_due(),
            states: BTreeMap::new(),
            harmed: BTreeMap::new(),
            refused: unmeasurable(session, promise).await?,
        };
        register.insert(promise.name.clone(), kept);
    }
    let measured = register.values().filter(|kept| kept.refused.is_none());
    let measured = names(measured.map(|kept| kept.promise.as_str()));
    if !measured.is_empty() {
        let binding = promises.iter().filter(|one| one.shape.binds());
        let binding = names(binding.map(|one| one.name.as_str()));
        let undue = promises.iter().filter(|one| !one.shape.is_due_once());
        let undue = names(undue.map(|one| one.name.as_str()));
        let due = due(within, &undue);
        let exposed = exposed(within, &binding, &due);
        let values = [
            ("promises", measured.as_str()),
            ("counted", counted(session)),
            ("due", &due),
            ("exposed", &exposed.holds),
            ("state", &exposed.state),
        ];
        for batch in session.sql(&STATES.fill(&values)).await? {
            states(&batch, &mut register)?;
        }
        for batch in session.sql(&HARMED.fill(&values)).await? {
            harmed(&batch, &mut register)?;
        }
    }
    Ok(register.into_values().collect())
}

/// Names as literals, to be listed.
fn names<'a>(promises: impl Iterator<Item = &'a str>) -> String {
    let literals: Vec<String> = promises.map(literal).collect();
    literals.join(", ")
}

/// The promises that can be measured, as literals to be listed.
///
/// # Errors
/// As [`read`].
pub(crate) async fn measurable(session: &Session) -> Result<String> {
    let mut measured = Vec::new();
    for promise in session.project().promises.values() {
        if unmeasurable(session, promise).await?.is_none() {
            measured.push(promise.name.as_str());
        }
    }
    Ok(names(measured.into_iter()))
}

/// Why a promise is not measurable: no events open it, none could keep it, or its definition does not fit the events that there are.
pub(crate) async fn unmeasurable(session: &Session, promise: &Promise) -> Result<Option<String>> {
    let mut missing: Vec<&str> = [&promise.opens, promise.awaits()]
        .into_iter()
        .map(|on| on.kind.as_str())
        .filter(|kind| !session.kinds().contains_key(*kind))
        .collect();
    missing.dedup();
    if !missing.is_empty() {
        return Ok(Some(format!(
            "not measurable yet: no event of kind {} has been imported",
            missing.join(" or ")
        )));
    }
    match session.replayed(&promise.name).await {
        Ok(_) => Ok(None),
        Err(problem) if is_of_the_definition(&problem) => {
            Ok(Some(format!("not measurable: {problem}")))
        }
        Err(problem) => Err(problem),
    }
}

/// Whether a problem lies in a promise's definition, and not in the ledger.
fn is_of_the_definition(problem: &Problem) -> bool {
    ["AM02", "AM07"]
        .iter()
        .any(|part| problem.code().starts_with(part))
}

fn states(batch: &RecordBatch, register: &mut BTreeMap<String, Kept>) -> Result<()> {
    let promises = typed::<StringArray>(batch, 0)?;
    let states = typed::<StringArray>(batch, 1)?;
    let instances = typed::<Int64Array>(batch, 2)?;
    for row in 0..batch.num_rows() {
        let word = states.value(row);
        let state = word.parse().map_err(|()| {
            Problem::new("AM0804", "an instance stands in a state that is not known")
                .detail(format!("{word:?}"))
        })?;
        if let Some(kept) = register.get_mut(promises.value(row)) {
            kept.states
                .insert(state, instances.value(row).unsigned_abs());
        }
    }
    Ok(())
}

fn harmed(batch: &RecordBatch, register: &mut BTreeMap<String, Kept>) -> Result<()> {
    let promises = typed::<StringArray>(batch, 0)?;
    let customers = typed::<FixedSizeBinaryArray>(batch, 1)?;
    let times = typed::<Int64Array>(batch, 2)?;
    let first = typed::<Int64Array>(batch, 3)?;
    let about = typed::<StringArray>(batch, 4)?;
    let ever = typed::<Int64Array>(batch, 5)?;
    for row in 0..batch.num_rows() {
        let customer = IdentifierId::from_slice(customers.value(row));
        let kept = register.get_mut(promises.value(row));
        if let (Some(customer), Some(kept)) = (customer, kept) {
            let within = (!first.is_null(row)).then(|| Within {
                times: times.value(row).unsigned_abs(),
                first: first.value(row),
                about: about.value(row).to_owned(),
            });
            let ever = ever.value(row);
            kept.harmed.insert(customer, Harmed { ever, within });
        }
    }
    Ok(())
}

/// The condition that an instance of a promise came due within a stretch of time.
pub(crate) fn due_of(promise: &Promise, within: (i64, i64)) -> String {
    let undue = match promise.shape.is_due_once() {
        true => String::new(),
        false => literal(&promise.name),
    };
    due(Some(within), &undue)
}

/// The condition that an instance came due within a stretch of time. What is due by the end of a day is due at the first moment of the next one,
/// and was due in the stretch that ends there; what is decided at a moment of its own, the promises that are `undue`, was so in the stretch that begins there.
fn due(within: Option<(i64, i64)>, undue: &str) -> String {
    let Some((from, until)) = within else {
        return "true".into();
    };
    let (from, until) = (moment(from), moment(until));
    let by_then = format!("due_at > {from} and due_at <= {until}");
    match undue.is_empty() {
        true => by_then,
        false => format!(
            "case when promise in ({undue}) then due_at >= {from} and due_at < {until} else {by_then} end"
        ),
    }
}

/// What counts as exposure in a stretch of time, and how it stood when the stretch was over.
struct Exposed {
    holds: String,
    state: String,
}

/// An instance is exposed in the stretch in which it came due. What must not happen is not due at a time of its own: it is exposed
/// in every stretch in which it binds, and while it goes on to bind it stands open.
fn exposed(within: Option<(i64, i64)>, binding: &str, due: &str) -> Exposed {
    let Some((from, until)) = within.filter(|_| !binding.is_empty()) else {
        return Exposed {
            holds: due.to_owned(),
            state: "state".into(),
        };
    };
    let (from, until) = (moment(from), moment(until));
    let binds = format!("promise in ({binding})");
    Exposed {
        holds: format!(
            "case when {binds} then opened_at < {until} and due_at >= {from} else {due} end"
        ),
        state: format!("case when {binds} and due_at >= {until} then 'open' else state end"),
    }
}
