//! `amends restore`: a backup is put back, and younger erasures are repeated.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use amends_custody::{Journal, Restored};
use amends_ledger::Ledger;
use amends_model::Result;
use amends_vault::Vault;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::BackupFolders;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{CARE, GOOD, paint};
use crate::{context, surroundings};

/// Restores the backup into the project's data folder.
///
/// # Errors
/// `AM0422` when the backup is damaged; `AM0423` when there is something to be replaced and nobody asked for that.
pub(crate) async fn run(
    root: &Path,
    folders: &BackupFolders,
    replace: bool,
    json: bool,
) -> Result<Outcome> {
    let project = context::project(root, json)?;
    let holder = surroundings::holder("restore");
    let folders = super::backup::parts(folders);
    let journal = Journal::at(project.erasures.clone());
    // A journal that cannot be read stops the restore before it begins: the erased must not return.
    let erasures = journal.len()?;
    let is_journal_there = journal.path().exists();
    let restored = amends_custody::restore(&folders, &project.data, replace, &holder)?;
    let ledger = Ledger::open(&project.data.join("ledger")).await?;
    let vault = Vault::open(&project.data.join("vault")).await?;
    let repeated =
        amends_custody::finish(&ledger, &vault, &journal, &project.data, &holder).await?;
    let unknown = vault.finished_erasures().await?.saturating_sub(erasures);
    Ok(Outcome::good(PutBack {
        restored,
        repeated,
        unknown,
        is_journal_there,
        journal: journal.path().to_owned(),
        data: project.data.clone(),
    }))
}

struct PutBack {
    restored: Restored,
    repeated: usize,
    unknown: usize,
    is_journal_there: bool,
    journal: PathBuf,
    data: PathBuf,
}

impl Answer for PutBack {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{} the backup of {} to {}: {}, {} kB, every checksum right",
            paint(GOOD, "Restored"),
            self.restored.made_at,
            self.data.display(),
            counted(self.restored.files, "file", "files"),
            whole(self.restored.bytes.div_ceil(1000))
        )?;
        let journal = self.journal.display();
        match self.repeated {
            0 if !self.is_journal_there => {
                let note = format!(
                    "there is no journal of erasures at {journal}: whoever was erased since the backup is back. Put the journal there and run any command, which erases them again"
                );
                writeln!(out, "{}", paint(CARE, note))?;
            }
            0 => writeln!(out, "No erasure of {journal} is younger")?,
            repeated => {
                let erasures = counted(repeated as u64, "erasure", "erasures");
                writeln!(out, "{} {erasures} of {journal}", paint(GOOD, "Repeated"))?;
            }
        }
        if self.unknown > 0 {
            let erasures = counted(self.unknown as u64, "erasure", "erasures");
            let note = format!(
                "the backup knows of {erasures} that the journal does not have: put the whole journal back and run any command"
            );
            writeln!(out, "{}", paint(CARE, note))?;
        }
        writeln!(
            out,
            "Next: `amends doctor`, then `amends import` for what came since"
        )
    }

    fn json(&self) -> Value {
        json!({
            "made_at": self.restored.made_at,
            "files": self.restored.files,
            "bytes": self.restored.bytes,
            "erasures_repeated": self.repeated,
            "erasures_missing": self.unknown,
            "journal_found": self.is_journal_there,
        })
    }
}
