//! The fractures of a project as of one moment.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use amends_model::{Problem, Result, time};
use amends_project::definition::Promise;
use amends_promises::Kept;
use amends_query::Session;

use crate::discover::{self, Found, LEAST_LET_DOWNS};
use crate::exposed::{self, Exposed};
use crate::fracture::Fracture;
use crate::life::{Decided, History, Standing};
use crate::order;
use crate::ripe::Ripe;
use crate::stakes::Stakes;
use crate::successor::{self, Named};
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
/// As [`read_with_money`].
pub async fn read(session: &Session, history: &History, named: Option<&str>) -> Result<Fractures> {
    read_all(session, history, named, false).await
}

/// As [`read`], with the money at stake in each, and by it: the most in the company's currency first.
///
/// # Errors
/// `AM0805` when there is no such promise; `AM0803` when a condition of complaints cannot be planned; `AM0804` and the like when reading fails. What
/// makes a promise itself unmeasurable is told in `unmeasured`.
pub async fn read_with_money(
    session: &Session,
    history: &History,
    named: Option<&str>,
) -> Result<Fractures> {
    let mut all = read_all(session, history, named, true).await?;
    let currency = session.project().company.currency;
    order::sort_by_money(&mut all.fractures, currency.as_str());
    Ok(all)
}

async fn read_all(
    session: &Session,
    history: &History,
    named: Option<&str>,
    with_money: bool,
) -> Result<Fractures> {
    let project = Arc::clone(session.project());
    let decisions = &history.decisions;
    let promises: Vec<&Promise> = match named {
        None => project.promises.values().collect(),
        Some(name) => vec![project.promises.get(name).ok_or_else(|| {
            Problem::new("AM0805", "there is no such promise").detail(format!("{name:?}"))
        })?],
    };
    let customers = Customers::of_session(session);
    let complaints = Complaints::read(session).await?;
    let mut all = Fractures {
        is_heard: complaints.is_some(),
        ..Fractures::default()
    };
    for promise in promises {
        let exposed = match exposed(session, promise, &customers).await? {
            Ok(exposed) => exposed,
            Err(reason) => {
                let promise = promise.name.clone();
                let decisions = decisions.iter().filter(|one| one.promise == promise);
                all.fractures.extend(forgotten(decisions));
                all.unmeasured.push(Unmeasured { promise, reason });
                continue;
            }
        };
        let formerly = formerly(session, promise, &customers, history, &exposed).await?;
        let stakes = match with_money {
            true => Some(Stakes::read(session, promise).await?),
            false => None,
        };
        let scene = Scene {
            project: &project,
            stakes: stakes.as_ref(),
            promise,
            exposed: &exposed,
            formerly: formerly.as_ref(),
            complaints: complaints.as_ref(),
            looks: &history.looks,
            as_of: session.as_of(),
        };
        let of_promise = decisions.iter().filter(|one| one.promise == promise.name);
        of_one(&scene, of_promise.cloned(), &mut all)?;
    }
    if named.is_none() {
        let is_made = |one: &&Decided| project.promises.contains_key(&one.promise);
        let decisions = decisions.iter().filter(|one| !is_made(one));
        all.fractures.extend(forgotten(decisions));
    }
    order::sort(&mut all.fractures);
    Ok(all)
}

/// The ripe instances of a promise; or why it cannot be measured.
pub(crate) async fn exposed(
    session: &Session,
    promise: &Promise,
    customers: &Customers,
) -> Result<Result<Exposed, String>> {
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
    let exposed = described(session, promise, &kept, customers, None)?;
    Ok(match (exposed.rows.is_empty(), kept.is_empty()) {
        (true, false) => Err("nothing of it has come due yet".into()),
        _ => Ok(exposed),
    })
}

/// Instances whose time has come, by the attributes that they were kept with; of what is due once, only what came due before a moment in microseconds of UTC, as if nothing
/// of what came later were known.
pub(crate) fn described(
    session: &Session,
    promise: &Promise,
    kept: &Kept,
    customers: &Customers,
    before: Option<i64>,
) -> Result<Exposed> {
    let opening = session.kinds().get(&promise.opens.kind);
    let columns = opening.map(|stored| stored.schema.as_ref());
    let kinds = exposed::kinds(&kept.attributes, columns);
    let definitions = session.project().definitions(&promise.name);
    let last = before.map_or(i64::MAX, |before| before.saturating_sub(1));
    let reported = |of| time::micros(session.reported_of(of)).min(last);
    let ripe = Ripe::new(definitions.map(|of| (of, reported(of))));
    let zone = &session.project().company.zone;
    Exposed::read(kept, &kinds, &ripe, customers, zone)
}

/// The instances by the attributes of the last look too, where the promise names some of these no longer and its opening events have them still: a look keeps how many were harmed
/// in a place, and whom only the place can tell.
async fn formerly(
    session: &Session,
    promise: &Promise,
    customers: &Customers,
    history: &History,
    exposed: &Exposed,
) -> Result<Option<Exposed>> {
    let mut more = successor::unknown(&history.looks, session.as_of(), &promise.name, exposed);
    let opening = session.kinds().get(&promise.opens.kind);
    more.retain(|name| opening.is_some_and(|of| of.schema.field_with_name(name).is_ok()));
    if more.is_empty() {
        return Ok(None);
    }
    match session.described_by(&promise.name, &more).await {
        Ok(Some(kept)) => described(session, promise, &kept, customers, None).map(Some),
        Ok(None) => Ok(None),
        Err(problem) if is_of_the_definition(&problem) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Whether a problem lies in a promise's definition, and not in the ledger.
fn is_of_the_definition(problem: &Problem) -> bool {
    let parts = ["AM02", "AM07"];
    parts.iter().any(|part| problem.code().starts_with(part)) && problem.code() != "AM0709"
}

/// A place on its way to being told.
struct Told {
    /// Where somebody decided about it.
    id: Option<String>,
    place: Where,
    rows: Vec<u32>,
    standing: Standing,
    false_discovery: Option<f64>,
}

/// The fractures of one promise: places about which something was decided, places that were found, and what breaks outside of them all.
///
/// A place is told once: one of whose let-downs others have told at least half already is the same again, or a part of it, and no place of its own
/// (rule 14). What was decided about comes first, so that it keeps its id, its days and its ranges.
fn of_one(
    scene: &Scene<'_>,
    decisions: impl Iterator<Item = Decided>,
    all: &mut Fractures,
) -> Result<()> {
    let exposed = scene.exposed;
    let promise = &scene.promise.name;
    let discovery = discover::discover(exposed)?;
    all.tested += discovery.tested;
    let mut by_id: BTreeMap<String, Vec<Decided>> = BTreeMap::new();
    for decided in decisions {
        by_id
            .entry(decided.fracture.clone())
            .or_default()
            .push(decided);
    }
    let everywhere = (Where::default().id(promise), Where::default());
    let of_everywhere = by_id.remove(&everywhere.0);
    let mut places: Vec<Told> = Vec::new();
    for (id, decided) in by_id {
        if let Some(place) = decided.last().map(|last| last.place.clone()) {
            places.push(Told {
                id: Some(id),
                rows: exposed.within(&place),
                place,
                standing: Standing::of(decided),
                false_discovery: None,
            });
        }
    }
    for found in widest(exposed, discovery.found) {
        add(scene, found, &mut places);
    }
    let rows = places.iter().flat_map(|one| one.rows.iter().copied());
    let covered: HashSet<u32> = rows.collect();
    let rest = 0..exposed.rows.len() as u32;
    let rest: Vec<u32> = rest.filter(|row| !covered.contains(row)).collect();
    for (one, name) in places.iter().zip(named(scene, &places)) {
        let place = (name.id, one.place.clone());
        let rows = (one.rows.as_slice(), rest.as_slice());
        let mut told = scene.tell(place, rows, one.standing.clone(), one.false_discovery)?;
        told.formerly = name.formerly;
        all.fractures.push(told);
    }
    let count = let_downs(exposed, &rest).count() as u64;
    if count >= LEAST_LET_DOWNS || of_everywhere.is_some() {
        let standing = Standing::of(of_everywhere.unwrap_or_default());
        let told = scene.tell(everywhere, (&rest, &rest), standing, None)?;
        all.fractures.push(told);
    }
    Ok(())
}

/// Without those that are a part of a wider one, which tells at least half of their let-downs: what is worst inside of a place is one of its traits.
fn widest(exposed: &Exposed, mut found: Vec<Found>) -> Vec<Found> {
    let all = found.clone();
    found.retain(|one| {
        let rows = exposed.within(&one.place);
        let let_downs: HashSet<u32> = let_downs(exposed, &rows).collect();
        !all.iter().any(|other| {
            one.place.narrows(&other.place) && {
                let rows = exposed.within(&other.place);
                let both = rows.iter().filter(|row| let_downs.contains(row)).count();
                2 * both >= let_downs.len()
            }
        })
    });
    found
}

/// The names of places, in order: what was decided about has its id.
fn named(scene: &Scene<'_>, places: &[Told]) -> Vec<Named> {
    let taken = places.iter().filter_map(|one| one.id.as_deref()).collect();
    let free = places.iter().filter(|one| one.id.is_none());
    let free: Vec<(&Where, &[u32])> = free.map(|one| (&one.place, &*one.rows)).collect();
    let mut free = successor::names(scene, &free, &taken).into_iter();
    let names = places.iter().filter_map(|one| match &one.id {
        Some(id) => Some(Named {
            id: id.clone(),
            formerly: None,
        }),
        None => free.next(),
    });
    names.collect()
}

/// Adds a place that was found, unless others have told at least half of its let-downs. The one of these that told most was found once more.
fn add(scene: &Scene<'_>, found: Found, places: &mut Vec<Told>) {
    let rows = scene.exposed.within(&found.place);
    let let_downs: HashSet<u32> = let_downs(scene.exposed, &rows).collect();
    let mut told: HashSet<u32> = HashSet::new();
    let mut most: Option<(usize, usize)> = None;
    for (place, other) in places.iter().enumerate() {
        let both = other.rows.iter().filter(|row| let_downs.contains(*row));
        let both: Vec<u32> = both.copied().collect();
        if both.len() > most.map_or(0, |(count, _)| count) {
            most = Some((both.len(), place));
        }
        told.extend(both);
    }
    if let Some((_, place)) = most.filter(|_| 2 * told.len() >= let_downs.len()) {
        let known = &mut places[place].false_discovery;
        *known = known.or(Some(found.false_discovery));
        return;
    }
    places.push(Told {
        id: None,
        place: found.place,
        rows,
        standing: Standing::default(),
        false_discovery: Some(found.false_discovery),
    });
}

fn let_downs<'a>(exposed: &'a Exposed, rows: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
    let rows = rows.iter().copied();
    rows.filter(|row| exposed.rows[*row as usize].is_let_down)
}

/// Fractures of which nothing but the decisions is known.
fn forgotten<'a>(decisions: impl Iterator<Item = &'a Decided>) -> Vec<Fracture> {
    let mut by_id: BTreeMap<&str, Vec<Decided>> = BTreeMap::new();
    for decided in decisions {
        let of_id = by_id.entry(&decided.fracture).or_default();
        of_id.push(decided.clone());
    }
    let told = by_id.into_values().filter_map(|decided| {
        let last = decided.last()?.clone();
        Some(Fracture::forgotten(&last, Standing::of(decided)))
    });
    told.collect()
}
