//! Takes imports back: what they said counts no longer, as if they had never been.

use std::collections::BTreeSet;

use amends_model::{Problem, Result};
use jiff::Timestamp;
use serde_json::json;

use crate::change::Change;
use crate::withdraw::{with_replays, withdraw};
use crate::writer::Writer;
use crate::{ImportRecord, compact, decide, record, seal};

/// The kind of the decision. It tells how we came by what the ledger says, and is no part of that.
pub(crate) const KIND: &str = "import_undone";

impl Writer {
    /// Undoes imports, and with them the imports that replayed rows of theirs: from then on the ledger says what it would say if they had never been.
    /// What they had replaced, superseded or said first counts again. Each is a decision of ours in the ledger.
    ///
    /// Returns all that were undone.
    ///
    /// # Errors
    /// `AM0411` when there is no such import; `AM0412` when one was undone already; `AM0413` when a later import of an older program cannot be
    /// judged without it; `AM0407` while an import is under way; `AM0403`, `AM0404` or `AM0406` as `Import::commit`.
    pub async fn undo(&self, imports: &[i64], at: Timestamp) -> Result<Vec<ImportRecord>> {
        let shared = &self.shared;
        let _claim = shared.claim()?;
        let _one = shared.turn().await?;
        let all = record::all(&shared.catalog).await?;
        let asked: BTreeSet<i64> = imports.iter().copied().collect();
        for import in &asked {
            check(*import, &all)?;
        }
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let undone = with_replays(shared, asked, &all).await?;
        let records = all.iter().filter(|import| undone.contains(&import.import));
        let records: Vec<ImportRecord> = records.cloned().collect();
        let mut change = Change::default();
        let mut known = Vec::new();
        for import in &records {
            let about = format!("import {}", import.import);
            let content = json!({ "import": import.import, "source": import.start.source, "file": import.start.file });
            let content = content.to_string();
            let decided = decide::prepare(shared, KIND, &about, &content, at).await?;
            change.marks.extend(decided.marks);
            if let Some((part, entries)) = decided.part {
                known.push((KIND.to_owned(), entries));
                change.enter.push(part);
            }
            change.withdrawal.undone.push((import.import, at));
        }
        withdraw(shared, all, &mut change, &mut known).await?;
        shared.enter(&change, known).await?;
        // The undo is history already: what cannot be tidied now is tidied after the next import.
        let _postponed = async {
            seal::gather(shared, KIND).await?;
            seal::seal(shared, false).await?;
            compact::compact(shared, shared.sizes.merged_at_once).await
        }
        .await;
        let undone = record::all(&shared.catalog).await?.into_iter();
        let of = |import: &ImportRecord| records.iter().any(|r| r.import == import.import);
        Ok(undone.filter(of).collect())
    }
}

fn check(import: i64, all: &[ImportRecord]) -> Result<()> {
    let Some(record) = all.iter().find(|record| record.import == import) else {
        return Err(Problem::new("AM0411", "there is no such import")
            .detail(import.to_string())
            .hint("`amends imports` lists them with their numbers"));
    };
    match record.undone_at {
        None => Ok(()),
        Some(at) => Err(Problem::new("AM0412", "this import was undone already")
            .detail(format!("import {import}, undone at {at}"))
            .hint("import the file again if it shall count after all")),
    }
}
