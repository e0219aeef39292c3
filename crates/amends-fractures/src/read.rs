//! The fractures of a project as of one moment.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use amends_model::{Problem, Result};
use amends_project::definition::Promise;
use amends_query::Session;

use crate::discover::{self, LEAST_LET_DOWNS};
use crate::exposed::{self, Exposed};
use crate::fracture::Fracture;
use crate::life::{Decided, Standing};
use crate::order;
use crate::tell::Scene;
use crate::voice::{Complaints, Customers};
use crate::whereabouts::Where;

/// All fractures, and what could not be looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fractures {
    /// In the order in which they are told: people first (rule 18).
    pub fractures: Vec<Fracture>,
    /// Promises that cannot be measured.
    pub unmeasured: Vec<Unmeasured>,
    /// How many subgroups were looked at.
    pub tested: u64,
    /// Whether a source of complaints is connected (rule 15).
    pub is_heard: bool,
}

/// A promise that cannot be measured yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmeasured {
    /// Which.
    pub promise: String,
    /// Why, and what it needs.
    pub reason: String,
}

impl Fractures {
    /// The fracture of an id, or of the beginning of one.
    ///
    /// # Errors
    /// `AM1003` when there is none, or several begin so.
    pub fn find(&self, id: &str) -> Result<&Fracture> {
        let mut found = self.fractures.iter().filter(|one| one.id.starts_with(id));
        let no_such = |message: &str| {
            Problem::new("AM1003", message)
                .detail(format!("{id:?}"))
                .hint("`amends fractures` lists them with their ids")
        };
        match (found.next(), found.next()) {
            (Some(one), None) if !id.is_empty() => Ok(one),
            (Some(_), _) => Err(no_such("several fractures have an id that begins so")),
            (None, _) => Err(no_such("there is no such fracture")),
        }
    }
}

/// Reads the fractures of all promises, or of one.
///
/// # Errors
/// `AM0805` when there is no such promise; `AM0803` when a condition of complaints cannot be planned; `AM0804` and the like when reading fails. What
/// makes a promise itself unmeasurable is told in `unmeasured`.
pub async fn read(
    session: &Session,
    decisions: &[Decided],
    promise: Option<&str>,
) -> Result<Fractures> {
    let project = Arc::clone(session.project());
    let promises: Vec<&Promise> = match promise {
        None => project.promises.values().collect(),
        Some(name) => vec![project.promises.get(name).ok_or_else(|| {
            Problem::new("AM0805", "there is no such promise").detail(format!("{name:?}"))
        })?],
    };
    let customers = Customers::read(session).await?;
    let complaints = Complaints::read(session).await?;
    let mut all = Fractures {
        is_heard: complaints.is_some(),
        ..Fractures::default()
    };
    for promise in promises {
        let exposed = match exposed(session, promise).await? {
            Ok(exposed) => exposed,
            Err(reason) => {
                let promise = promise.name.clone();
                all.unmeasured.push(Unmeasured { promise, reason });
                continue;
            }
        };
        let scene = Scene {
            project: &project,
            promise,
            exposed: &exposed,
            customers: &customers,
            complaints: complaints.as_ref(),
            as_of: session.as_of(),
        };
        let of_promise = decisions.iter().filter(|one| one.promise == promise.name);
        of_one(&scene, of_promise.cloned(), &mut all)?;
    }
    order::sort(&mut all.fractures);
    Ok(all)
}

/// The decided instances of a promise; or why it cannot be measured.
async fn exposed(session: &Session, promise: &Promise) -> Result<Result<Exposed, String>> {
    let needed = [&promise.opens, promise.awaits()];
    let mut missing: Vec<&str> = needed.into_iter().map(|on| on.kind.as_str()).collect();
    missing.retain(|kind| !session.kinds().contains_key(*kind));
    missing.dedup();
    if !missing.is_empty() {
        let missing = missing.join(" or ");
        return Ok(Err(format!("no event of kind {missing} has been imported")));
    }
    let kept = match session.replayed(&promise.name).await {
        Ok(kept) => kept,
        Err(problem) if is_of_the_definition(&problem) => return Ok(Err(problem.to_string())),
        Err(problem) => return Err(problem),
    };
    let opening = session.kinds().get(&promise.opens.kind);
    let columns = opening.map(|stored| stored.schema.as_ref());
    let kinds = exposed::kinds(&promise.attributes, columns);
    let is_due = !promise.shape.binds();
    let zone = &session.project().company.zone;
    Exposed::read(&kept, &kinds, is_due, zone).map(Ok)
}

/// Whether a problem lies in a promise's definition, and not in the ledger.
fn is_of_the_definition(problem: &Problem) -> bool {
    let parts = ["AM02", "AM07"];
    parts.iter().any(|part| problem.code().starts_with(part)) && problem.code() != "AM0709"
}

/// The fractures of one promise: places that were found, places that people spoke of, and what breaks outside of them all.
fn of_one(
    scene: &Scene<'_>,
    decisions: impl Iterator<Item = Decided>,
    all: &mut Fractures,
) -> Result<()> {
    let discovery = discover::discover(scene.exposed)?;
    all.tested += discovery.tested;
    let mut by_id: BTreeMap<String, Vec<Decided>> = BTreeMap::new();
    for decided in decisions {
        by_id.entry(decided.id()).or_default().push(decided);
    }
    let mut places: Vec<(Where, Option<f64>, Standing)> = Vec::new();
    for found in discovery.found {
        let id = found.place.id(&scene.promise.name);
        let standing = Standing::of(by_id.remove(&id).unwrap_or_default());
        places.push((found.place, Some(found.false_discovery), standing));
    }
    let everywhere = Where::default();
    let of_everywhere = by_id.remove(&everywhere.id(&scene.promise.name));
    for (_, decided) in by_id {
        if let Some(last) = decided.last() {
            places.push((last.place.clone(), None, Standing::of(decided)));
        }
    }
    let mut covered: HashSet<u32> = HashSet::new();
    for (place, false_discovery, standing) in places {
        let rows = scene.exposed.within(&place);
        let told = scene.tell(place, &rows, standing, false_discovery)?;
        all.fractures.extend(told);
        covered.extend(rows);
    }
    let rest = 0..scene.exposed.rows.len() as u32;
    let rest: Vec<u32> = rest.filter(|row| !covered.contains(row)).collect();
    let let_down = |row: &&u32| scene.exposed.rows[**row as usize].is_let_down;
    let let_downs = rest.iter().filter(let_down).count() as u64;
    if let_downs >= LEAST_LET_DOWNS || of_everywhere.is_some() {
        let standing = Standing::of(of_everywhere.unwrap_or_default());
        all.fractures
            .extend(scene.tell(everywhere, &rest, standing, None)?);
    }
    Ok(())
}
