//! What another definition makes of a promise: which instances, let-downs and people come in, and which go.

use std::collections::{BTreeSet, HashMap, HashSet};

use amends_model::{IdentifierId, Problem, Result, State};
use arrow::array::{
    Array, AsArray, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};

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
    /// How many are let-downs under both, in another state, or as serious or late as they are not under the other.
    pub otherwise: u64,
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
    let twice = twice(one, other)?;
    let theirs = match other {
        None => Theirs::default(),
        Some(other) => Theirs::of(other, &twice, &customer)?,
    };
    let mut moved = Moved::default();
    each(one, &twice, |about, stands, identifier| {
        let other = theirs.stand.get(&about.key);
        moved.instances += u64::from(other.is_none());
        if !stands.state.is_let_down() {
            return;
        }
        let customer = customer(identifier);
        if !theirs.let_down.contains(&customer) {
            moved.people.insert(customer);
        }
        match other {
            Some(other) if other.state.is_let_down() => {
                moved.otherwise += u64::from(*other != stands);
            }
            other => moved.let_downs.push(LetDown {
                about: about.name.to_owned(),
                customer,
                state: stands.state,
                other: other.map(|other| other.state),
            }),
        }
    })?;
    moved.let_downs.sort_unstable();
    Ok(moved)
}

/// What is compared of an instance.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stands {
    state: State,
    late_by: Option<i64>,
    serious: i64,
}

/// How everything stands under the other definition.
#[derive(Default)]
struct Theirs {
    stand: HashMap<u128, Stands>,
    /// Who was let down.
    let_down: BTreeSet<IdentifierId>,
}

impl Theirs {
    fn of(
        kept: &Kept,
        twice: &HashSet<u128>,
        customer: impl Fn(IdentifierId) -> IdentifierId,
    ) -> Result<Self> {
        let mut theirs = Self::default();
        each(kept, twice, |about, stands, identifier| {
            theirs.stand.insert(about.key, stands);
            if stands.state.is_let_down() {
                theirs.let_down.insert(customer(identifier));
            }
        })?;
        Ok(theirs)
    }
}

/// What an instance is about.
struct About<'a> {
    name: &'a str,
    /// A hash of it; where several definitions have an instance about it, with when it opened: these are the same where they opened at the same moment.
    key: u128,
}

/// About what one of these has several instances, by the hash of it.
fn twice(one: &Kept, other: Option<&Kept>) -> Result<HashSet<u128>> {
    let mut twice = HashSet::new();
    let several = [Some(one), other].into_iter().flatten();
    for kept in several.filter(|kept| kept.parts().len() > 1) {
        let mut seen = HashSet::new();
        for batch in kept.batches(Some(&["about"]))? {
            let batch = batch?;
            let abouts = batch.column_by_name("about").ok_or_else(foreign)?;
            let abouts = abouts.as_string_opt::<i32>().ok_or_else(foreign)?;
            let keys = abouts.iter().flatten().map(key);
            twice.extend(keys.filter(|key| !seen.insert(*key)));
        }
    }
    Ok(twice)
}

fn each(
    kept: &Kept,
    twice: &HashSet<u128>,
    mut see: impl FnMut(About<'_>, Stands, IdentifierId),
) -> Result<()> {
    for batch in kept.batches(Some(&COLUMNS))? {
        let batch = batch?;
        let read = Read::of(&batch).ok_or_else(foreign)?;
        for (row, state) in rows::states(&batch).enumerate() {
            let name = read.abouts.value(row);
            let key = match key(name) {
                several if twice.contains(&several) => {
                    key(&format!("{} {name}", read.opened_at.value(row)))
                }
                only => only,
            };
            let stands = Stands {
                state,
                late_by: read.late_by.is_valid(row).then(|| read.late_by.value(row)),
                serious: read.serious.value(row),
            };
            let identifier = IdentifierId::from_slice(read.identifiers.value(row));
            let identifier = identifier.ok_or_else(foreign)?;
            see(About { name, key }, stands, identifier);
        }
    }
    Ok(())
}

const COLUMNS: [&str; 5] = ["about", "identifier", "opened_at", "late_by_us", "serious"];

struct Read<'a> {
    abouts: &'a StringArray,
    identifiers: &'a FixedSizeBinaryArray,
    opened_at: &'a TimestampMicrosecondArray,
    late_by: &'a Int64Array,
    serious: &'a Int64Array,
}

impl<'a> Read<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let column = |name: &str| batch.column_by_name(name);
        Some(Self {
            abouts: column("about")?.as_string_opt()?,
            identifiers: column("identifier")?.as_fixed_size_binary_opt()?,
            opened_at: column("opened_at")?.as_primitive_opt()?,
            late_by: column("late_by_us")?.as_primitive_opt()?,
            serious: column("serious")?.as_primitive_opt()?,
        })
    }
}

fn foreign() -> Problem {
    Problem::new(
        "AM0705",
        "instances do not have the columns that instances have",
    )
}
