//! What imports told that differs from what their sources said before.

use std::collections::BTreeMap;
use std::io::{self, Write};

use amends_ledger::Filter;
use amends_model::event::{self, column};
use amends_model::{Problem, Result};
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;

use crate::context::Context;
use crate::terminal::number::counted;
use crate::terminal::paint::{CARE, QUIET, paint};

/// By source and kind of event how many changes were told.
pub(crate) type Changed = BTreeMap<String, BTreeMap<String, u64>>;

/// The changes that imports after one told.
///
/// # Errors
/// `AM0403` when the database fails; `AM0406` when the ledger cannot be read.
pub(crate) async fn since(context: &Context, import: i64) -> Result<Changed> {
    let snapshot = context.ledger.snapshot().await?;
    let mut changed = Changed::new();
    for kind in snapshot.kinds().keys() {
        let of = event::told_by(kind);
        if of == kind {
            continue;
        }
        for batch in snapshot.scan(kind, &[column::IMPORT, column::SOURCE], &Filter::default())? {
            let batch = batch?;
            let imports = batch.column(0).as_primitive_opt::<Int64Type>();
            let sources = batch.column(1).as_string_opt::<i32>();
            let (Some(imports), Some(sources)) = (imports, sources) else {
                return Err(Problem::new(
                    "AM0406",
                    "changes do not have the columns of events",
                ));
            };
            for (told_by, source) in imports.values().iter().zip(sources.iter().flatten()) {
                if *told_by > import {
                    let kinds = changed.entry(source.to_owned()).or_default();
                    *kinds.entry(of.to_owned()).or_default() += 1;
                }
            }
        }
    }
    Ok(changed)
}

/// Tells them, kind by kind.
pub(crate) fn show(changed: &Changed, out: &mut dyn Write) -> io::Result<()> {
    for (source, kinds) in changed {
        for (kind, count) in kinds {
            let events = event::changes_of(kind);
            writeln!(
                out,
                "{} of {kind} in {source}: properties differ from what was said before; {}",
                paint(CARE, counted(*count, "change", "changes")),
                paint(QUIET, format!("each is an event of the kind {events}"))
            )?;
        }
    }
    Ok(())
}
