//! The journal of erasures: a small file of lines, apart from ledger, vault and their backups.
//!
//! A line says which identifiers were erased, when and why, and ends with its own checksum. Names are told by the vault's keyed
//! fingerprints, so that a journal says nothing to whoever has not the master key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use amends_model::{EventId, IdentifierId, Problem, RecordKey, Result};
use amends_vault::{Erasure, Mark};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The journal of a project.
#[derive(Clone, Debug)]
pub struct Journal {
    path: PathBuf,
}

/// An erasure and what is said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) erasure: Erasure,
    pub(crate) customer: IdentifierId,
    pub(crate) reason: Option<String>,
}

impl Journal {
    /// The journal at a path. There need be no file yet: then nobody was erased.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many erasures it holds.
    ///
    /// # Errors
    /// `AM0311` when it cannot be read or a line was damaged.
    pub fn len(&self) -> Result<usize> {
        Ok(self.read()?.len())
    }

    /// Whether it holds none.
    ///
    /// # Errors
    /// As `len`.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    pub(crate) fn read(&self) -> Result<Vec<Entry>> {
        let text = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed("cannot be read").because(error)),
        };
        let lines = text[..whole(&text)].split(|byte| *byte == b'\n');
        let lines = lines.zip(1..).filter(|(line, _)| !line.is_empty());
        lines
            .map(|(line, number)| {
                read_line(line).ok_or_else(|| {
                    let what = format!("is damaged in line {number}");
                    self.failed(&what).hint("put the journal back from a copy: without it the erased may return with a restored backup")
                })
            })
            .collect()
    }

    /// Adds an erasure: it is on the disk when this returns.
    pub(crate) fn add(&self, entry: &Entry) -> Result<()> {
        let write = || -> io::Result<()> {
            let folder = self.path.parent().filter(|folder| *folder != Path::new(""));
            let folder = folder.unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&self.path)?;
            // What a crash left of a line that was never finished is no erasure: it is written over.
            let end = whole(&fs::read(&self.path)?) as u64;
            file.set_len(end)?;
            file.seek(SeekFrom::Start(end))?;
            file.write_all(written(entry)?.as_bytes())?;
            file.sync_all()?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|error| self.failed("cannot be written").because(error))
    }

    fn failed(&self, what: &str) -> Problem {
        Problem::new("AM0311", format!("the journal of erasures {what}"))
            .detail(self.path.display().to_string())
            .hint("see whether the file can be read and written, and whether the disk is full")
    }
}

/// Bytes of whole lines.
fn whole(text: &[u8]) -> usize {
    let end = text.iter().rposition(|byte| *byte == b'\n');
    end.map_or(0, |end| end + 1)
}

#[derive(Serialize, Deserialize)]
struct Line {
    erasure: Said,
    sum: String,
}

/// An erasure as a line says it.
#[derive(Serialize, Deserialize)]
struct Said {
    number: EventId,
    at: Timestamp,
    customer: IdentifierId,
    reason: Option<String>,
    identifiers: Vec<SaidMark>,
    records: Vec<RecordKey>,
    perhaps: bool,
}

#[derive(Serialize, Deserialize)]
struct SaidMark {
    id: IdentifierId,
    namespace: String,
    /// Sixteen bytes, shown as ids are.
    fingerprint: RecordKey,
    generic: bool,
}

fn written(entry: &Entry) -> io::Result<String> {
    let Entry {
        erasure,
        customer,
        reason,
    } = entry;
    let identifiers = erasure.identifiers.iter().map(|mark| SaidMark {
        id: mark.id,
        namespace: mark.namespace.clone(),
        fingerprint: RecordKey(mark.fingerprint),
        generic: mark.generic,
    });
    let erasure = Said {
        number: erasure.number,
        at: erasure.at,
        customer: *customer,
        reason: reason.clone(),
        identifiers: identifiers.collect(),
        records: erasure.records.clone(),
        perhaps: erasure.perhaps,
    };
    let sum = sum(&erasure).map_err(io::Error::other)?;
    let line = serde_json::to_string(&Line { erasure, sum }).map_err(io::Error::other)?;
    Ok(line + "\n")
}

fn sum(erasure: &Said) -> Result<String, serde_json::Error> {
    let hash = blake3::hash(serde_json::to_string(erasure)?.as_bytes()).to_hex();
    Ok(hash[..16].to_owned())
}

fn read_line(line: &[u8]) -> Option<Entry> {
    let Line { erasure, sum: said } = serde_json::from_slice(line).ok()?;
    if sum(&erasure).ok()? != said {
        return None;
    }
    let identifiers = erasure.identifiers.into_iter().map(|mark| Mark {
        id: mark.id,
        namespace: mark.namespace,
        fingerprint: mark.fingerprint.0,
        generic: mark.generic,
    });
    Some(Entry {
        customer: erasure.customer,
        reason: erasure.reason,
        erasure: Erasure {
            number: erasure.number,
            at: erasure.at,
            identifiers: identifiers.collect(),
            records: erasure.records,
            perhaps: erasure.perhaps,
        },
    })
}

#[cfg(test)]
mod tests {
    use amends_testkit::tempfile::tempdir;

    use super::*;

    fn entry(number: u8) -> Entry {
        Entry {
            customer: IdentifierId([1; 16]),
            reason: Some("asked \"for\" it\n".into()),
            erasure: Erasure {
                number: EventId([number; 16]),
                at: "2026-03-01T10:00:00.123456Z".parse().unwrap(),
                identifiers: vec![Mark {
                    id: IdentifierId([2; 16]),
                    namespace: "email".into(),
                    fingerprint: [3; 16],
                    generic: false,
                }],
                records: vec![RecordKey([4; 16])],
                perhaps: true,
            },
        }
    }

    #[test]
    fn what_is_added_is_read_and_a_line_that_was_never_finished_is_none() {
        let folder = tempdir().unwrap();
        let journal = Journal::at(folder.path().join("deep/erasures.jsonl"));
        assert!(journal.is_empty().unwrap());
        journal.add(&entry(1)).unwrap();
        let mut file = OpenOptions::new()
            .append(true)
            .open(journal.path())
            .unwrap();
        file.write_all(b"{\"erasure\":{\"num").unwrap();
        assert_eq!(journal.read().unwrap(), [entry(1)]);
        journal.add(&entry(2)).unwrap();
        assert_eq!(journal.read().unwrap(), [entry(1), entry(2)]);
    }

    #[test]
    fn a_changed_byte_is_found() {
        let folder = tempdir().unwrap();
        let journal = Journal::at(folder.path().join("erasures.jsonl"));
        journal.add(&entry(1)).unwrap();
        journal.add(&entry(2)).unwrap();
        let bytes = fs::read(journal.path()).unwrap();
        for place in 0..bytes.len() - 1 {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            fs::write(journal.path(), &changed).unwrap();
            let read = journal.read();
            // What became whitespace or another writing of the same says the same.
            let same = read
                .as_ref()
                .is_ok_and(|read| *read == [entry(1), entry(2)]);
            assert!(
                same || read.is_err_and(|problem| problem.code() == "AM0311"),
                "byte {place}"
            );
        }
    }
}
