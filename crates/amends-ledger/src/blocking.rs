//! Work that computes or waits for the disk, kept away from the threads that answer others.

use amends_model::{Problem, Result};

/// Runs work on a thread of its own.
///
/// # Errors
/// What the work gives; `AM0404` when it could not be run to its end.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(Problem::new("AM0404", "the work was stopped").because(error)),
    }
}
