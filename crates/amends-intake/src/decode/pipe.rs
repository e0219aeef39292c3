//! Decoding in a thread of its own, a few batches ahead of whoever uses them.

use amends_model::{Problem, Result};
use arrow::datatypes::SchemaRef;
use tokio::sync::mpsc;

use super::{Decode, Decoded};

/// Batches that may wait at once.
const AHEAD: usize = 2;

/// Rows on their way from a file.
pub(crate) struct Rows {
    schema: SchemaRef,
    receiver: mpsc::Receiver<Result<Option<Decoded>>>,
    ended: bool,
}

/// Starts decoding. It ends by itself when the rows are dropped.
///
/// # Errors
/// `AM0501` when the system starts no thread.
pub(crate) fn start(mut decoder: Box<dyn Decode>) -> Result<Rows> {
    let schema = decoder.schema().clone();
    let (sender, receiver) = mpsc::channel(AHEAD);
    let run = move || {
        loop {
            let decoded = decoder.next();
            let last = !matches!(decoded, Ok(Some(_)));
            if sender.blocking_send(decoded).is_err() || last {
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
        ended: false,
    })
}

impl Rows {
    /// The columns of every batch.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next rows; `None` at the end of the file.
    ///
    /// # Errors
    /// `AM0501` or `AM0502` when the file cannot be read on; `AM0507` when its decoder gave up.
    pub(crate) async fn next(&mut self) -> Result<Option<Decoded>> {
        if self.ended {
            return Ok(None);
        }
        let decoded = self.receiver.recv().await.unwrap_or_else(|| {
            Err(Problem::new("AM0507", "a file made its decoder give up")
                .hint("check that the file is whole, and that `format` says what it is"))
        });
        self.ended = !matches!(decoded, Ok(Some(_)));
        decoded
    }
}
