//! What another definition makes of a promise: which instances, let-downs and people come in, and which go.

use std::collections::{BTreeSet, HashMap};

use amends_model::{IdentifierId, Result, State};
use arrow::array::{AsArray, RecordBatch};

use crate::kept::Kept;
use crate::kept::run::key;
use crate::replay::rows;

/// What stands otherwise under another definition of a promise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// How many instances there are under this one only.
    pub instances: u64,
    /// Those that are a let-down under this one, and under the other none or not there.
    pub let_downs: Vec<LetDown>,
    /// The customers who are let down under this one only.
    pub people: BTreeSet<IdentifierId>,
}

/// An instance that is a let-down under one definition only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LetDown {
    /// What it is about.
    pub about: String,
    /// The customer.
    pub customer: IdentifierId,
    /// How it stands.
    pub state: State,
    /// How it stands under the other definition; `None` where nothing is promised.
    pub other: Option<State>,
}

/// What there is of `one` and not of `other`, let-downs in order of what they are about. Without the other everything is.
///
/// # Errors
/// As [`Kept::batches`].
pub fn moved(
    one: &Kept,
    other: Option<&Kept>,
    customer: impl Fn(IdentifierId) -> IdentifierId,
) -> Result<Moved> {
    let (states, theirs) = match other {
        None => (HashMap::new(), BTreeSet::new()),
        Some(other) => stands(other, &customer)?,
    };
    let mut moved = Moved::default();
    for batch in one.batches(Some(&["about", "identifier"]))? {
        let batch = batch?;
        let abouts = batch.column(0).as_string::<i32>();
        for (row, state) in rows::states(&batch).enumerate() {
            let about = abouts.value(row);
            let other = states.get(&key(about)).copied();
            moved.instances += u64::from(other.is_none());
            if !state.is_let_down() {
                continue;
            }
            let Some(identifier) = identifier(&batch, row) else {
                continue;
            };
            let customer = customer(identifier);
            if !theirs.contains(&customer) {
                moved.people.insert(customer);
            }
            if !other.is_some_and(State::is_let_down) {
                moved.let_downs.push(LetDown {
                    about: about.to_owned(),
                    customer,
                    state,
                    other,
                });
            }
        }
    }
    moved.let_downs.sort_unstable();
    Ok(moved)
}

/// How each instance stands, by a hash of what it is about; who was let down.
type Stands = (HashMap<u128, State>, BTreeSet<IdentifierId>);

fn stands(kept: &Kept, customer: impl Fn(IdentifierId) -> IdentifierId) -> Result<Stands> {
    let (mut states, mut harmed) = (HashMap::new(), BTreeSet::new());
    for batch in kept.batches(Some(&["about", "identifier"]))? {
        let batch = batch?;
        let abouts = batch.column(0).as_string::<i32>();
        for (row, state) in rows::states(&batch).enumerate() {
            states.insert(key(abouts.value(row)), state);
            if state.is_let_down() {
                harmed.extend(identifier(&batch, row).map(&customer));
            }
        }
    }
    Ok((states, harmed))
}

fn identifier(batch: &RecordBatch, row: usize) -> Option<IdentifierId> {
    IdentifierId::from_slice(batch.column(1).as_fixed_size_binary().value(row))
}
