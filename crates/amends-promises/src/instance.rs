//! One promise made to one customer once, as it stands; and the hash by which whole sets of them are compared.

use amends_model::{EventId, IdentifierId, Result, State, time};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

use crate::fold::Standing;

/// One promise made to one customer once, as it stands at `as_of`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// What it is about: the key of the instance. The identifier, where the promise is about whom events happened to.
    pub about: String,
    /// To whom: the identifier on the opening event.
    pub identifier: IdentifierId,
    /// How it stands.
    pub state: State,
    /// When it was made.
    pub opened_at: Timestamp,
    /// When it was or is due, moves and ended pauses counted; of what must not happen, when the exposure ends or ended, and the last
    /// moment that can be told while nothing ends it.
    pub due_at: Timestamp,
    /// Since when the clock stands still: meanwhile it is not due.
    pub paused_since: Option<Timestamp>,
    /// When it was kept, given up, broken or excused.
    pub closed_at: Option<Timestamp>,
    /// The first instant at which events up to then prove the let-down (rule 7).
    pub could_have_known: Option<Timestamp>,
    /// How late it is or was: until it was kept or given up, else until `as_of`. Less than nothing: so much too early.
    pub late_by: Option<SignedDuration>,
    /// 1 to 3 for a let-down, else 0.
    pub serious: u8,
    /// The values of the promise's attributes as of opening, each possibly several. An empty text stands for no value (rule 8).
    pub attributes: Vec<Vec<String>>,
    /// The events that prove how it stands, in order of time.
    pub proof: Vec<EventId>,
}

/// To whom a promise was made, and what is known of it from its opening event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// To whom.
    pub identifier: IdentifierId,
    /// The values of the promise's attributes, each possibly several.
    pub attributes: Vec<Vec<String>>,
    /// The values of the columns that `serious` reads.
    pub row: Vec<crate::value::Value>,
}

impl Instance {
    /// An instance from how it stands, its opening and its proof; seriousness is graded apart: 1 for a let-down until then.
    ///
    /// # Errors
    /// `AM0002` when a moment lies outside the years that can be told.
    pub fn new(
        about: &str,
        standing: &Standing,
        opening: &Opening,
        proof: Vec<EventId>,
    ) -> Result<Self> {
        let some = |micros: Option<i64>| micros.map(moment).transpose();
        Ok(Self {
            about: about.to_owned(),
            identifier: opening.identifier,
            state: standing.state,
            opened_at: moment(standing.opened_at)?,
            due_at: moment(standing.due_at)?,
            paused_since: some(standing.paused_since)?,
            closed_at: some(standing.closed_at)?,
            could_have_known: some(standing.could_have_known)?,
            late_by: standing.late_by.map(SignedDuration::from_micros),
            serious: u8::from(standing.state.is_let_down()),
            attributes: opening.attributes.clone(),
            proof,
        })
    }

    /// A hash of what it is about and how it stands: state, moments, lateness, seriousness, proof.
    /// Whom it was made to is left out: those identifiers are random. Stable across machines and releases.
    pub fn hash(&self) -> u128 {
        let micros = |moment: Option<Timestamp>| moment.map(time::micros);
        fingerprint(Hashed {
            about: &self.about,
            state: self.state,
            opened_at: time::micros(self.opened_at),
            due_at: time::micros(self.due_at),
            paused_since: micros(self.paused_since),
            closed_at: micros(self.closed_at),
            could_have_known: micros(self.could_have_known),
            late_by: self
                .late_by
                .map(|late| late.as_micros().try_into().unwrap_or(i64::MAX)),
            serious: self.serious,
            proof: self.proof.iter().map(|id| id.0.as_slice()),
        })
    }
}

/// A moment from microseconds; a deadline that is never reached is the last moment that can be told.
pub(crate) fn moment(micros: i64) -> Result<Timestamp> {
    if micros == i64::MAX {
        return Ok(Timestamp::MAX);
    }
    time::from_micros(micros)
}

/// What the hash of an instance reads.
pub(crate) struct Hashed<'a, P> {
    pub(crate) about: &'a str,
    pub(crate) state: State,
    pub(crate) opened_at: i64,
    pub(crate) due_at: i64,
    pub(crate) paused_since: Option<i64>,
    pub(crate) closed_at: Option<i64>,
    pub(crate) could_have_known: Option<i64>,
    pub(crate) late_by: Option<i64>,
    pub(crate) serious: u8,
    pub(crate) proof: P,
}

/// xxh3 in 128 bits: it runs over every instance of a ledger, and nobody gains by forging it.
pub(crate) fn fingerprint<'a>(of: Hashed<'_, impl Iterator<Item = &'a [u8]>>) -> u128 {
    let mut hasher = Xxh3Default::new();
    hasher.update(&(of.about.len() as u64).to_le_bytes());
    hasher.update(of.about.as_bytes());
    hasher.update(of.state.as_str().as_bytes());
    hasher.update(&of.opened_at.to_le_bytes());
    hasher.update(&of.due_at.to_le_bytes());
    let moments = [
        of.paused_since,
        of.closed_at,
        of.could_have_known,
        of.late_by,
    ];
    for moment in moments {
        hasher.update(&[u8::from(moment.is_some())]);
        hasher.update(&moment.unwrap_or(0).to_le_bytes());
    }
    hasher.update(&[of.serious]);
    of.proof.for_each(|id| hasher.update(id));
    hasher.digest128()
}

/// One hash for a set of instances, in whatever order they come: the sum of theirs.
pub fn hash_of_all<'a>(instances: impl IntoIterator<Item = &'a Instance>) -> u128 {
    let hashes = instances.into_iter().map(Instance::hash);
    hashes.fold(0, u128::wrapping_add)
}
