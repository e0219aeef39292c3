//! `amends imports`: what was imported, and whether it still counts.

use std::io::{self, Write};

use amends_ledger::ImportRecord;
use amends_model::Result;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::commands::import::known;
use crate::context::Context;
use crate::terminal::number::whole;
use crate::terminal::paint::{QUIET, paint};
use crate::terminal::table::{Column, Table};

/// Lists imports, oldest first.
///
/// # Errors
/// `AM0014` when a source is not in the project; whatever the ledger reports.
pub(crate) async fn run(context: &Context, only: &[String], limit: usize) -> Result<Outcome> {
    known(context, only)?;
    let mut imports = context.ledger.imports().await?;
    imports.retain(|import| only.is_empty() || only.contains(&import.start.source));
    Ok(Outcome::good(Imports { imports, limit }))
}

struct Imports {
    imports: Vec<ImportRecord>,
    limit: usize,
}

impl Answer for Imports {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.imports.is_empty() {
            return writeln!(out, "Nothing was imported yet");
        }
        let mut table = Table::new(&[
            Column::number("import"),
            Column::name("source"),
            Column::words("file"),
            Column::words("when").goes_first(3),
            Column::number("received"),
            Column::number("stored"),
            Column::number("duplicate").goes_first(1),
            Column::number("quarantined"),
            Column::number("events").goes_first(2),
            Column::words("state"),
        ]);
        let hidden = self.imports.len().saturating_sub(self.limit);
        for import in &self.imports[hidden..] {
            let file = import.start.file.rsplit('/').next().unwrap_or_default();
            table.row([
                import.import.to_string(),
                import.start.source.clone(),
                file.to_owned(),
                import
                    .start
                    .started_at
                    .strftime("%Y-%m-%d %H:%M")
                    .to_string(),
                whole(import.received),
                whole(import.stored),
                whole(import.duplicate),
                whole(import.quarantined),
                whole(import.events),
                state(import),
            ]);
        }
        table.write(out)?;
        if hidden > 0 {
            let all = whole(self.imports.len() as u64);
            let line = format!("the newest {} of {all}; --limit shows more", self.limit);
            writeln!(out, "{}", paint(QUIET, line))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let items: Vec<Value> = self.imports.iter().map(import).collect();
        json!({ "total": items.len(), "items": items })
    }
}

/// What has become of an import, in words.
fn state(import: &ImportRecord) -> String {
    match (import.undone_at, import.replaced_by) {
        (Some(_), _) => "undone".to_owned(),
        (None, Some(by)) => format!("replaced by {by}"),
        (None, None) => "counts".to_owned(),
    }
}

/// The documented fields of an import.
pub(crate) fn import(import: &ImportRecord) -> Value {
    json!({
        "import": import.import,
        "source": import.start.source,
        "file": import.start.file,
        "mapping": import.start.mapping,
        "at": import.start.started_at.to_string(),
        "received": import.received,
        "stored": import.stored,
        "duplicate": import.duplicate,
        "quarantined": import.quarantined,
        "events": import.events,
        "reported": import.reported.map(|at| at.to_string()),
        "counts": import.stands(),
        "undone_at": import.undone_at.map(|at| at.to_string()),
        "replaced_by": import.replaced_by,
    })
}
