//! What a folder of the store holds: one small file, replaced in one step after everything that it names is on the disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use amends_ledger::Point;
use amends_model::Result;
use amends_project::definition::Spell;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::compile::Compiled;
use crate::kept::Tally;
use crate::kept::run::{FileInfo, damaged, unfinished};

/// The form in which instances are kept, and how they are folded. Whoever changes either gives the next number:
/// what another form of the program left behind is computed anew.
const FORM: u32 = 1;

const NAME: &str = "manifest";

/// What is kept of a promise, and of which moment it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    form: u32,
    /// The definition.
    version: String,
    /// The columns that it reads, with their types: another type may tell other texts.
    reads: String,
    /// Counts the manifests of a folder, so that no file has the name of an earlier one.
    pub(crate) generation: u64,
    /// Where the ledger stood.
    pub(crate) point: Point,
    /// As of when, in microseconds.
    pub(crate) as_of: i64,
    /// How far the sources had reported, in microseconds.
    pub(crate) reported: i64,
    /// How many instances stand in each state, and what opened nothing.
    pub(crate) tally: Tally,
    /// Closed instances, the oldest run first.
    pub(crate) runs: Vec<FileInfo>,
    /// Those that are not closed.
    pub(crate) held: FileInfo,
    /// The events about these, by kind.
    pub(crate) events: BTreeMap<String, FileInfo>,
}

impl Manifest {
    /// A manifest that names no files yet.
    pub(crate) fn new(compiled: &Compiled, generation: u64, point: Point) -> Self {
        Self {
            form: FORM,
            version: compiled.promise.version.clone(),
            reads: compiled.reads(),
            generation,
            point,
            as_of: 0,
            reported: 0,
            tally: Tally::default(),
            runs: Vec::new(),
            held: FileInfo::default(),
            events: BTreeMap::new(),
        }
    }

    /// Whether this program keeps instances of this definition so.
    pub(crate) fn fits(&self, compiled: &Compiled) -> bool {
        self.form == FORM
            && self.version == compiled.promise.version
            && self.reads == compiled.reads()
    }

    /// The manifest of a folder; `None` where there is none that can be used.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(NAME)).ok()?;
        let (sum, body) = text.split_once('\n')?;
        let same = sum == format!("{:016x}", xxh3_64(body.as_bytes()));
        same.then(|| serde_json::from_str(body).ok()).flatten()
    }

    /// Puts it in the place of the one before. What it names is on the disk.
    ///
    /// # Errors
    /// `AM0709` when the disk refuses.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let body = serde_json::to_string(self).map_err(damaged)?;
        let replace = || -> io::Result<()> {
            sync(folder)?;
            let path = folder.join(unfinished(NAME));
            let mut file = File::create(&path)?;
            writeln!(file, "{:016x}", xxh3_64(body.as_bytes()))?;
            file.write_all(body.as_bytes())?;
            file.sync_all()?;
            fs::rename(path, folder.join(NAME))?;
            sync(folder)
        };
        replace().map_err(damaged)
    }

    /// Takes it away, so that nobody believes it any more. What cannot be removed is found to be damaged again.
    pub(crate) fn discard(folder: &Path) {
        let _unchanged = fs::remove_file(folder.join(NAME));
    }

    /// Removes the files that no manifest names. What cannot be removed now is removed next time.
    pub(crate) fn sweep(folder: &Path) {
        let manifest = Self::read(folder);
        let named = |name: &str| {
            let Some(manifest) = &manifest else {
                return false;
            };
            let mut files = manifest.runs.iter().chain(manifest.events.values());
            manifest.held.name == name || files.any(|file| file.name == name)
        };
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = name.ends_with(".parquet") || name.ends_with(".tmp");
            if ours && !named(&name) {
                let _next_time = fs::remove_file(entry.path());
            }
        }
    }
}

/// Syncs a folder: only then do new names survive a loss of power.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

impl Compiled {
    /// What it reads of which kinds, in which types, and which of what that opens it judges.
    fn reads(&self) -> String {
        let mut reads = match self.promise.spell {
            spell if spell == Spell::default() => String::new(),
            Spell { from, until } => format!("from {from:?} until {until:?} "),
        };
        for (kind, reading) in &self.readings {
            reads.push_str(&format!("{kind:?}"));
            for (name, of) in &reading.types {
                reads.push_str(&format!(" {name:?} {of:?}"));
            }
        }
        reads
    }
}
