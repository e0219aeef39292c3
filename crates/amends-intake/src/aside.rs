//! Rows set aside: what the ledger's quarantine lists, and their raw text on its way into the vault.

use std::collections::{BTreeMap, BTreeSet};

use amends_ledger::Quarantined;
use amends_model::{Problem, Result};
use amends_vault::{RawRow, Vault};

use crate::decode::Reread;
use crate::failure::Failure;
use crate::map::Recorded;
use crate::recognise::Recognising;

/// Under this entry stands the heading of the rows.
pub(crate) const HEADING: i64 = 0;
/// Raw text beyond so many bytes is sealed at once.
const WAITING: usize = 4 << 20;

/// The rows that one import sets aside.
pub(crate) struct Aside<'a> {
    vault: &'a Vault,
    import: i64,
    file: String,
    /// More than so many are not set aside.
    most: usize,
    entries: Vec<Quarantined>,
    /// How many of them are rows of the main file.
    main: u64,
    recorded: Recorded,
    /// Begins to read keys, once there is a row whose key is not known.
    keys: &'a (dyn Fn() -> Option<Recognising<'a>> + Sync),
    recognising: Option<Option<Recognising<'a>>>,
    waiting: Vec<RawRow>,
    bytes: usize,
    /// Rows of the main file whose text is still to be found, by line.
    missing: BTreeMap<i64, i64>,
}

impl<'a> Aside<'a> {
    /// Nothing is set aside yet of this file.
    pub(crate) fn new(
        vault: &'a Vault,
        import: i64,
        file: &str,
        most: u64,
        recorded: Recorded,
        keys: &'a (dyn Fn() -> Option<Recognising<'a>> + Sync),
    ) -> Self {
        Self {
            vault,
            import,
            file: file.to_owned(),
            most: usize::try_from(most).unwrap_or(usize::MAX),
            entries: Vec::new(),
            main: 0,
            recorded,
            keys,
            recognising: None,
            waiting: Vec::new(),
            bytes: 0,
            missing: BTreeMap::new(),
        }
    }

    /// Sets rows of the main file aside.
    ///
    /// # Errors
    /// `AM0303` when the vault fails; `AM0541` when these are too many.
    pub(crate) async fn add_all(
        &mut self,
        failures: impl IntoIterator<Item = Failure>,
    ) -> Result<()> {
        for failure in failures {
            self.main += 1;
            self.room()?;
            let (line, there) = (failure.line, failure.raw.is_some());
            let entry = self.enter(self.file.clone(), failure);
            if !there {
                self.missing.insert(line, entry);
            }
            self.seal(WAITING).await?;
        }
        Ok(())
    }

    /// Notes a row of another file that could not be read.
    ///
    /// # Errors
    /// As [`Self::add_all`].
    pub(crate) async fn add_joined(&mut self, file: &str, failure: Failure) -> Result<()> {
        self.room()?;
        let reason = format!("a row of a joined file: {}", failure.reason);
        let failure = Failure {
            code: "AM0533",
            reason,
            ..failure
        };
        self.enter(file.to_owned(), failure);
        self.seal(WAITING).await
    }

    /// Whether one more may be set aside.
    fn room(&self) -> Result<()> {
        match self.entries.len() < self.most {
            true => Ok(()),
            false => Err(too_many(&self.file, &self.entries)),
        }
    }

    fn enter(&mut self, file: String, failure: Failure) -> i64 {
        let entry = self.entries.len() as i64 + 1;
        self.entries.push(Quarantined {
            entry,
            file,
            line: failure.line,
            column: failure.column,
            code: failure.code.to_owned(),
            reason: failure.reason,
            text_hash: None,
            record: failure.record,
        });
        if let Some(text) = failure.raw {
            self.wait(entry, text);
        }
        entry
    }

    fn wait(&mut self, entry: i64, text: Vec<u8>) {
        self.bytes += text.len() + 64;
        if let Some(row) = self.place(entry) {
            self.entries[row].text_hash = Some(self.recorded.text(&text));
        }
        self.waiting.push(RawRow { entry, text });
    }

    /// Where an entry stands in the list; the heading does not.
    fn place(&self, entry: i64) -> Option<usize> {
        let place = usize::try_from(entry).ok()?.checked_sub(1)?;
        (place < self.entries.len()).then_some(place)
    }

    /// Reads the keys of rows that wait and whose records are not known.
    fn recognise(&mut self) {
        let (mut rows, mut places) = (Vec::new(), Vec::new());
        for raw in &self.waiting {
            let Some(place) = self.place(raw.entry) else {
                continue;
            };
            let row = &self.entries[place];
            if row.record.is_none() && row.file == self.file {
                rows.push((row.line, raw.text.clone()));
                places.push(place);
            }
        }
        if rows.is_empty() {
            return;
        }
        let recognising = self.recognising.get_or_insert_with(self.keys);
        let Some(recognising) = recognising else {
            return;
        };
        let mut records = recognising.records(&rows);
        for (place, line) in places.into_iter().zip(rows.iter().map(|(line, _)| line)) {
            self.entries[place].record = records.remove(line);
        }
    }

    async fn seal(&mut self, beyond: usize) -> Result<()> {
        if self.bytes > beyond {
            self.recognise();
            self.vault.seal_raw(self.import, &self.waiting).await?;
            self.waiting.clear();
            self.bytes = 0;
        }
        Ok(())
    }

    /// How many rows of the main file were set aside.
    pub(crate) fn count(&self) -> u64 {
        self.main
    }

    /// The lines of rows whose text is still to be found.
    pub(crate) fn missing(&self) -> BTreeSet<i64> {
        self.missing.keys().copied().collect()
    }

    /// Takes the text of the rows that is still missing out of their file.
    ///
    /// # Errors
    /// When the file cannot be read again, or the vault fails.
    pub(crate) async fn find(&mut self, mut rows: Reread) -> Result<()> {
        while let Some(found) = rows.next()? {
            for (line, text) in found {
                if let Some(entry) = self.missing.remove(&line) {
                    self.wait(entry, text);
                }
            }
            self.seal(WAITING).await?;
            // Whoever writes meanwhile goes on.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Seals what still waits, with the heading of the rows, and gives the list.
    ///
    /// # Errors
    /// `AM0303` when the vault fails.
    pub(crate) async fn finish(&mut self, heading: Vec<u8>) -> Result<Vec<Quarantined>> {
        if !self.entries.is_empty() {
            self.wait(HEADING, heading);
            self.seal(0).await?;
        }
        Ok(std::mem::take(&mut self.entries))
    }
}

/// So many rows were set aside that something else is wrong: says what is said of most of them.
fn too_many(file: &str, entries: &[Quarantined]) -> Problem {
    let mut reasons: BTreeMap<_, u64> = BTreeMap::new();
    for row in entries {
        let column = row.column.as_deref();
        *reasons
            .entry((&*row.code, column, &*row.reason))
            .or_default() += 1;
    }
    let most = reasons.into_iter().max_by_key(|(_, count)| *count);
    let count = entries.len();
    let problem = Problem::new(
        "AM0541",
        format!("more than {count} rows of this file cannot be used: nothing of it was stored"),
    );
    let reason = most.map_or_else(String::new, |((code, column, reason), of_them)| {
        let column = column.map_or_else(String::new, |name| format!("column {name}: "));
        format!("; {of_them} of them: {column}{reason} [{code}]")
    });
    let problem = problem.detail(format!("{file}{reason}"));
    problem.hint("correct the definition or the export; where so many are to be expected, write most-aside = N in the source, with more than those")
}
