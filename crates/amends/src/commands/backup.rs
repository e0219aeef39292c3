//! `amends backup`: ledger, vault and key, each to a folder of its own.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use amends_custody::{BackedUp, Folders, sums};
use amends_model::{Problem, Result};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::BackupFolders;
use crate::context::Context;
use crate::surroundings;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{CARE, GOOD, QUIET, paint};

/// Backs up the data folder.
///
/// # Errors
/// `AM0421` when the folder is not fit for it; `AM0427` when a database is damaged; whatever custody reports.
pub(crate) async fn run(context: &Context, folders: &BackupFolders) -> Result<Outcome> {
    let folders = parts(folders);
    let data = &context.project.data;
    for folder in [&folders.ledger, &folders.vault, &folders.key] {
        apart(folder, data)?;
    }
    // A copy of damage would replace a good backup.
    sums::see_right(data)?;
    let key = data.join("vault").join(amends_vault::KEY_FILE);
    let done = amends_custody::back_up(
        &context.ledger,
        &context.vault,
        &key,
        &folders,
        &data.join("ledger"),
        surroundings::now(),
    )
    .await?;
    let journal = context.journal.path().to_owned();
    Ok(Outcome::good(Copied {
        done,
        folders,
        journal,
    }))
}

/// The three folders that the arguments mean.
pub(crate) fn parts(folders: &BackupFolders) -> Folders {
    let part = |named: &Option<PathBuf>, name: &str| {
        named.clone().unwrap_or_else(|| folders.dir.join(name))
    };
    Folders {
        ledger: folders.dir.join("ledger"),
        vault: part(&folders.vault_to, "vault"),
        key: part(&folders.key_to, "key"),
    }
}

/// Sees that a folder of a backup does not lie in the folder that is backed up.
fn apart(folder: &Path, data: &Path) -> Result<()> {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let data = data.canonicalize().unwrap_or_else(|_| whole(data));
    let folder = whole(folder);
    let real = folder
        .ancestors()
        .find_map(|above| above.canonicalize().ok());
    if folder.starts_with(&data) || real.is_some_and(|real| real.starts_with(&data)) {
        return Err(
            Problem::new("AM0421", "a backup cannot be written to this folder")
                .detail(format!("{} lies in the data folder", folder.display()))
                .hint("name a folder elsewhere, best on another disk"),
        );
    }
    Ok(())
}

struct Copied {
    done: BackedUp,
    folders: Folders,
    journal: PathBuf,
}

impl Answer for Copied {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let done = &self.done;
        writeln!(
            out,
            "{} the ledger at position {}: {} copied ({} kB), {} there already",
            paint(GOOD, "Backed up"),
            whole(done.position),
            counted(done.copied, "file", "files"),
            whole(done.copied_bytes.div_ceil(1000)),
            whole(done.kept)
        )?;
        let Folders { ledger, vault, key } = &self.folders;
        for (name, folder) in [("ledger", ledger), ("vault", vault), ("key", key)] {
            writeln!(out, "  {name:<7} {}", folder.display())?;
        }
        let note = "whoever has vault and key can read every name: keep them apart";
        writeln!(out, "{}", paint(CARE, note))?;
        let journal = self.journal.display();
        let note = format!(
            "the journal of erasures stays outside: {journal}; copy it as often as you can, to another disk"
        );
        writeln!(out, "{}", paint(QUIET, note))
    }

    fn json(&self) -> Value {
        let done = &self.done;
        json!({
            "position": done.position,
            "copied": done.copied,
            "copied_bytes": done.copied_bytes,
            "kept": done.kept,
            "bytes": done.bytes,
            "ledger": self.folders.ledger,
            "vault": self.folders.vault,
            "key": self.folders.key,
            "erasures": self.journal,
        })
    }
}
