//! Records on their way into the ledger, batch by batch: drafted, their names minted, put together as events, staged.

use std::collections::BTreeSet;

use amends_ledger::Import;
use amends_model::{Problem, Result};
use amends_vault::Vault;
use arrow::array::RecordBatch;
use tokio::task::JoinSet;

use crate::failure::Failure;
use crate::map::{Drafted, Mapper, Remarks};
use crate::sealing::Sealing;

/// Records that take more memory than this, in bytes, are staged before the next are read.
const LARGE: usize = 24 << 20;

/// What the records of an import have come to.
#[derive(Default)]
pub(crate) struct Records {
    /// The latest moment in their events, in microseconds.
    pub(crate) latest: Option<i64>,
    /// Those that rows in quarantine spoke of, and that could be read.
    pub(crate) read_well: BTreeSet<String>,
}

/// Stages the records of one import. While the names of one batch are minted, the next is read and drafted.
pub(crate) struct Staging<'a> {
    mapper: Mapper,
    vault: &'a Vault,
    import: &'a mut Import,
    sealing: &'a mut Sealing,
    records: Records,
    /// The batch whose names are minted, if there is one. Minting that nobody waits for any more is broken off, and leaves nothing.
    minting: JoinSet<Result<Drafted>>,
}

impl<'a> Staging<'a> {
    /// Nothing is staged yet.
    pub(crate) fn new(
        mapper: Mapper,
        vault: &'a Vault,
        import: &'a mut Import,
        sealing: &'a mut Sealing,
    ) -> Self {
        Self {
            mapper,
            vault,
            import,
            sealing,
            records: Records::default(),
            minting: JoinSet::new(),
        }
    }

    /// Takes some records, and stages those before them: what of those that are staged gives no events.
    ///
    /// # Errors
    /// As [`stage`].
    pub(crate) async fn add(
        &mut self,
        records: &RecordBatch,
        remarks: &Remarks,
    ) -> Result<Vec<Failure>> {
        if records.num_rows() == 0 {
            return Ok(Vec::new());
        }
        if records.get_array_memory_size() > LARGE {
            let minted = self.minted().await?;
            let mut failures = self.settle(minted).await?;
            let mut large = self.mapper.draft(records, remarks)?;
            large.mint(self.vault).await?;
            failures.extend(self.settle(Some(large)).await?);
            return Ok(failures);
        }
        let mut next = self.mapper.draft(records, remarks)?;
        let minted = self.minted().await?;
        let vault = self.vault.clone();
        self.minting.spawn(async move {
            next.mint(&vault).await?;
            Ok(next)
        });
        self.settle(minted).await
    }

    /// Stages the last of them: what of these gives no events, and what all of them have come to.
    ///
    /// # Errors
    /// As [`stage`].
    pub(crate) async fn end(mut self) -> Result<(Vec<Failure>, Records)> {
        let minted = self.minted().await?;
        let failures = self.settle(minted).await?;
        Ok((failures, self.records))
    }

    /// The records whose names were minted last.
    async fn minted(&mut self) -> Result<Option<Drafted>> {
        match self.minting.join_next().await {
            None => Ok(None),
            Some(Ok(minted)) => minted.map(Some),
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(error)) => {
                Err(Problem::new("AM0303", "names were not minted to the end").because(error))
            }
        }
    }

    async fn settle(&mut self, minted: Option<Drafted>) -> Result<Vec<Failure>> {
        let Some(minted) = minted else {
            return Ok(Vec::new());
        };
        let (mapper, vault) = (&mut self.mapper, self.vault);
        let (import, sealing) = (&mut *self.import, &mut *self.sealing);
        settled(mapper, minted, vault, import, sealing, &mut self.records).await
    }
}

/// Stages some records, from draft to events, before it returns: what of them gives no events.
///
/// # Errors
/// `AM0303` when the vault fails; `AM0403` and `AM0404` when the ledger does; `AM0509` when columns cannot be put together.
pub(crate) async fn stage(
    mapper: &mut Mapper,
    records: &RecordBatch,
    remarks: &Remarks,
    vault: &Vault,
    import: &mut Import,
    sealing: &mut Sealing,
    sums: &mut Records,
) -> Result<Vec<Failure>> {
    if records.num_rows() == 0 {
        return Ok(Vec::new());
    }
    let mut drafted = mapper.draft(records, remarks)?;
    drafted.mint(vault).await?;
    settled(mapper, drafted, vault, import, sealing, sums).await
}

/// Puts records together whose names are minted, and stages what they give.
async fn settled(
    mapper: &mut Mapper,
    minted: Drafted,
    vault: &Vault,
    import: &mut Import,
    sealing: &mut Sealing,
    sums: &mut Records,
) -> Result<Vec<Failure>> {
    let mapped = mapper.assemble(minted, vault).await?;
    sums.latest = sums.latest.max(mapped.latest);
    sums.read_well.extend(mapped.read_well);
    sealing.seal(mapped.personal).await?;
    for staged in mapped.events {
        import
            .stage_all(&staged.kind, staged.events, &staged.silent)
            .await?;
    }
    Ok(mapped.failures)
}
