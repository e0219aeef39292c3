//! Work that computes or waits for the disk, kept away from the threads that answer others.

use amends_model::{Problem, Result};
use tokio::task::JoinHandle;

/// Runs work on a thread of its own.
///
/// # Errors
/// What the work gives; `AM0404` when it could not be run to its end.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    Running::start(work).end().await
}

/// Work that runs while others do theirs. It goes on when this is dropped.
pub(crate) struct Running<T>(JoinHandle<Result<T>>);

impl<T: Send + 'static> Running<T> {
    /// Starts work on a thread of its own.
    pub(crate) fn start(work: impl FnOnce() -> Result<T> + Send + 'static) -> Self {
        Self(tokio::task::spawn_blocking(work))
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// What the work gives; `AM0404` when it could not be run to its end.
    pub(crate) async fn end(self) -> Result<T> {
        match self.0.await {
            Ok(result) => result,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => Err(Problem::new("AM0404", "the work was stopped").because(error)),
        }
    }
}
