//! Changed is not corrected (rule 2): what a record's versions say, read as an event that happened once and as the changes that happened to it.
//!
//! The ledger keeps every version of a record as it was told. An event keeps the properties of the first version that tells of it; where a later one
//! differs, that is an event of its own, of the kind that [`changes_of`](amends_model::event::changes_of) names. What says when, who and about what is taken from the
//! newest version, and so are properties that the source declares to be corrected. All of this is worked out when a snapshot is taken, from
//! the versions that count: no order of import, undo or better mapping can leave anything else behind.

mod asked;
mod compose;
mod courses;
mod dated;
mod gather;
mod made;
mod of_kind;

pub(crate) use dated::Teller;
pub use dated::Telling;
pub(crate) use made::Together;
pub(crate) use of_kind::Changes;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use amends_model::Result;
use arrow::datatypes::SchemaRef;

use crate::contents::Contents;
use crate::silence;

/// Works out the changes of every kind.
///
/// # Errors
/// `AM0406` when a part cannot be read.
pub(crate) fn of_all(
    ledger: &Path,
    contents: &Contents,
    kinds: &BTreeMap<String, SchemaRef>,
) -> Result<BTreeMap<String, Changes>> {
    let mut all = BTreeMap::new();
    for (kind, schema) in kinds {
        let of_kind = contents
            .parts
            .iter()
            .filter(|part| silence::kind_of(&part.info.kind) == kind)
            .collect();
        let gathering = gather::Gathering {
            ledger,
            parts: of_kind,
            marks: &contents.marks,
            schema,
        };
        if let Some(versions) = gathering.versions()? {
            let tellers = Arc::clone(&contents.tellers);
            all.insert(kind.clone(), Changes::new(kind, schema, versions, tellers)?);
        }
    }
    Ok(all)
}
