//! Reads a file without importing it.

use std::collections::BTreeSet;

use amends_model::Result;
use amends_project::definition::SourceFile;
use jiff::tz::TimeZone;

use crate::decode::{self, Wanted};

/// The rows of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Those that can be read.
    pub readable: u64,
    /// Those that an import would set aside because they cannot be read.
    pub aside: u64,
}

/// Reads a file to its end, as its definition says, with civil times of a zone.
///
/// # Errors
/// `AM05..` when it cannot be opened or read, or is not what the definition says.
pub fn count(file: &SourceFile, zone: &TimeZone) -> Result<Counted> {
    let nothing = BTreeSet::new();
    let wanted = Wanted {
        zone,
        ignore: &nothing,
        named: &nothing,
    };
    let mut decoder = decode::open(&file.path, file, &wanted)?.decoder;
    let mut counted = Counted::default();
    while let Some(decoded) = decoder.next()? {
        counted.readable += decoded.batch.num_rows() as u64;
        counted.aside += decoded.failures.len() as u64;
    }
    Ok(counted)
}
