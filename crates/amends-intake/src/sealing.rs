//! Personal fields on their way into the vault, while the next records are mapped.

use amends_model::{Problem, Result};
use amends_vault::{Personal, Vault};
use tokio::task::JoinHandle;

/// Seals the personal fields of one import, one batch after the other. Whoever keeps or forgets the import ends it first.
pub(crate) struct Sealing {
    vault: Vault,
    import: i64,
    under_way: Option<JoinHandle<Result<()>>>,
}

impl Sealing {
    /// Nothing is sealed yet.
    pub(crate) fn new(vault: &Vault, import: i64) -> Self {
        Self {
            vault: vault.clone(),
            import,
            under_way: None,
        }
    }

    /// Begins to seal some fields, once those before are sealed.
    ///
    /// # Errors
    /// What kept those before from being sealed, as `Vault::seal`.
    pub(crate) async fn seal(&mut self, personal: Vec<Personal>) -> Result<()> {
        self.end().await?;
        if !personal.is_empty() {
            let (vault, import) = (self.vault.clone(), self.import);
            self.under_way = Some(tokio::spawn(
                async move { vault.seal(import, &personal).await },
            ));
        }
        Ok(())
    }

    /// Waits until all are sealed.
    ///
    /// # Errors
    /// As `Vault::seal`.
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
