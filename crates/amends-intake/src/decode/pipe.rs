//! Decoding in a thread of its own, a few batches ahead of whoever uses them.

use std::sync::Arc;

use amends_model::{Problem, Result};
use arrow::datatypes::SchemaRef;
use tokio::sync::mpsc;

use super::{Decode, Decoded, Meter};

/// Batches that may wait at once.
const AHEAD: usize = 2;

/// Rows on their way from a file.
pub(crate) struct Rows {
    schema: SchemaRef,
    receiver: mpsc::Receiver<(Result<Option<Decoded>>, u64)>,
    read: u64,
    ended: bool,
}

/// Starts decoding. It ends by itself when the rows are dropped.
///
/// # Errors
/// `AM0501` when the system starts no thread.
pub(crate) fn start(mut decoder: Box<dyn Decode>, meter: Arc<Meter>) -> Result<Rows> {
    let schema = decoder.schema().clone();
    let (sender, receiver) = mpsc::channel(AHEAD);
    let run = move || {
        loop {
            let decoded = decoder.next();
            let last = !matches!(decoded, Ok(Some(_)));
            if sender.blocking_send((decoded, meter.read())).is_err() || last {
                return;
            }
        }
    };
    std::thread::Builder::new()
        .name("decode".to_owned())
        .spawn(run)
        .map_err(|error| {
            Problem::new("AM0501", "the system starts no thread to read a file").because(error)
        })?;
    Ok(Rows {
        schema,
        receiver,
        read: 0,
        ended: false,
    })
}

impl Rows {
    /// The columns of every batch.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Packed bytes of the file that had been read when the last rows were decoded. The decoder itself is ahead of them.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// The next rows; `None` at the end of the file.
    ///
    /// # Errors
    /// `AM0501` or `AM0502` when the file cannot be read on; `AM0507` when its decoder gave up.
    pub(crate) async fn next(&mut self) -> Result<Option<Decoded>> {
        if self.ended {
            return Ok(None);
        }
        let (decoded, read) = self.receiver.recv().await.unwrap_or_else(|| {
            let problem = Problem::new("AM0507", "a file made its decoder give up")
                .hint("check that the file is whole, and that `format` says what it is");
            (Err(problem), self.read)
        });
        self.read = read;
        self.ended = !matches!(decoded, Ok(Some(_)));
        decoded
    }
}
