//! Text in blocks of whole records: what is left of the last record waits for the next block.

use std::io::Read;
use std::path::{Path, PathBuf};

use amends_model::Result;
use amends_project::definition::Packing;

use super::unpack;

/// How much text becomes one batch, when records are of usual size.
pub(crate) const BLOCK: usize = 4 << 20;
/// How much text is held at most while the end of one record is looked for.
pub(crate) const LONGEST: usize = 8 << 20;

/// The text of a file that was read but not yet used.
pub(crate) struct Blocks {
    reader: Box<dyn Read + Send>,
    path: PathBuf,
    packing: Packing,
    text: Vec<u8>,
    ended: bool,
}

impl Blocks {
    /// Nothing of the file is read yet.
    pub(crate) fn new(reader: Box<dyn Read + Send>, path: &Path, packing: Packing) -> Self {
        Self {
            reader,
            path: path.to_owned(),
            packing,
            text: Vec::new(),
            ended: false,
        }
    }

    /// The text read but not yet taken.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether the file has no more text than this.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Reads until there are so many bytes, or the file is at its end.
    ///
    /// # Errors
    /// `AM0501` or `AM0502` when the file cannot be read.
    pub(crate) fn fill(&mut self, size: usize) -> Result<()> {
        let missing = size.saturating_sub(self.text.len());
        if missing == 0 || self.ended {
            return Ok(());
        }
        self.text.reserve_exact(missing);
        let count = Read::by_ref(&mut self.reader)
            .take(missing as u64)
            .read_to_end(&mut self.text)
            .map_err(|error| unpack::read_error(&self.path, self.packing, error))?;
        self.ended = count < missing;
        Ok(())
    }

    /// Takes the first bytes away. What is taken and what is left never both keep the room of the whole.
    pub(crate) fn take(&mut self, count: usize) -> Vec<u8> {
        let count = count.min(self.text.len());
        if count < self.text.len() / 2 {
            let taken = self.text[..count].to_vec();
            self.text.drain(..count);
            return taken;
        }
        let rest = self.text.split_off(count);
        std::mem::replace(&mut self.text, rest)
    }
}
