//! Personal fields on their way into the vault, while the next records are mapped.

use std::sync::Arc;

use amends_model::{Problem, Result};
use amends_vault::{Incoming, Personal};
use tokio::task::JoinHandle;

/// Seals the personal fields of one import, one batch after the other. Whoever keeps or forgets the import ends it first.
pub(crate) struct Sealing {
    incoming: Arc<Incoming>,
    under_way: Option<JoinHandle<Result<()>>>,
}

impl Sealing {
    /// Nothing is sealed yet.
    pub(crate) fn new(incoming: &Arc<Incoming>) -> Self {
        Self {
            incoming: Arc::clone(incoming),
            under_way: None,
        }
    }

    /// What the import says of people.
    pub(crate) fn incoming(&self) -> &Arc<Incoming> {
        &self.incoming
    }

    /// Begins to seal some fields, once those before are sealed.
    ///
    /// # Errors
    /// What kept those before from being sealed, as `Incoming::seal`.
    pub(crate) async fn seal(&mut self, personal: Vec<Personal>) -> Result<()> {
        self.end().await?;
        if !personal.is_empty() {
            let incoming = Arc::clone(&self.incoming);
            self.under_way = Some(tokio::spawn(async move { incoming.seal(&personal).await }));
        }
        Ok(())
    }

    /// Waits until all are sealed.
    ///
    /// # Errors
    /// As `Incoming::seal`.
    pub(crate) async fn end(&mut self) -> Result<()> {
        let Some(under_way) = self.under_way.take() else {
            return Ok(());
        };
        match under_way.await {
            Ok(sealed) => sealed,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => Err(
                Problem::new("AM0303", "personal fields were not sealed to the end").because(error),
            ),
        }
    }
}
