//! Records on their way into the ledger, batch by batch: drafted, their names minted, put together as events, staged.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use amends_ledger::Import;
use amends_model::{Problem, Result};
use arrow::array::RecordBatch;
use tokio::task::JoinSet;

use crate::failure::Failure;
use crate::map::{Assembler, Drafted, Mapped, Mapper, Remarks};
use crate::sealing::Sealing;

/// Records that take more memory than this, in bytes, are staged before the next are read.
const LARGE: usize = 12 << 20;

/// What the records of an import have come to.
#[derive(Default)]
pub(crate) struct Records {
    /// The latest moment in their events, in microseconds.
    pub(crate) latest: Option<i64>,
    /// Those that rows in quarantine spoke of, and that could be read.
    pub(crate) read_well: BTreeSet<String>,
}

/// Stages the records of one import. While one batch is drafted, the names of the one before it are minted, and the one before that is put together.
pub(crate) struct Staging<'a> {
    mapper: Mapper,
    import: &'a mut Import,
    sealing: &'a mut Sealing,
    records: Records,
    /// The batch whose names are minted, if there is one. Minting that nobody waits for any more is broken off, and leaves nothing.
    minting: JoinSet<Result<Drafted>>,
    /// The batch before it.
    minted: Option<Drafted>,
}

impl<'a> Staging<'a> {
    /// Nothing is staged yet.
    pub(crate) fn new(mapper: Mapper, import: &'a mut Import, sealing: &'a mut Sealing) -> Self {
        Self {
            mapper,
            import,
            sealing,
            records: Records::default(),
            minting: JoinSet::new(),
            minted: None,
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
            let mut failures = self.settle_all().await?;
            let (mapper, sums) = (&mut self.mapper, &mut self.records);
            let (import, sealing) = (&mut *self.import, &mut *self.sealing);
            failures.extend(stage(mapper, records, remarks, import, sealing, sums).await?);
            return Ok(failures);
        }
        let Mapper { drafter, assembler } = &mut self.mapper;
        let (next, mapped) = match self.minted.take() {
            None => (drafter.draft(records, remarks), None),
            Some(minted) => side_by_side(
                || drafter.draft(records, remarks),
                || Some(assembler.assemble(minted)),
            ),
        };
        let mut next = next?;
        self.minted = self.end_minting().await?;
        let incoming = Arc::clone(self.sealing.incoming());
        self.minting.spawn(async move {
            next.mint(&incoming).await?;
            Ok(next)
        });
        match mapped {
            None => Ok(Vec::new()),
            Some(mapped) => {
                let (import, sealing) = (&mut *self.import, &mut *self.sealing);
                put(mapped?, import, sealing, &mut self.records).await
            }
        }
    }

    /// Stages the last of them: what of these gives no events, and what all of them have come to.
    ///
    /// # Errors
    /// As [`stage`].
    pub(crate) async fn end(mut self) -> Result<(Vec<Failure>, Records)> {
        let failures = self.settle_all().await?;
        Ok((failures, self.records))
    }

    /// Stages what was taken so far.
    async fn settle_all(&mut self) -> Result<Vec<Failure>> {
        let mut failures = Vec::new();
        let waiting = [self.minted.take(), self.end_minting().await?];
        for minted in waiting.into_iter().flatten() {
            let assembler = &mut self.mapper.assembler;
            let (import, sealing) = (&mut *self.import, &mut *self.sealing);
            let failed = settled(assembler, minted, import, sealing, &mut self.records).await?;
            failures.extend(failed);
        }
        Ok(failures)
    }

    /// The records whose names were being minted.
    async fn end_minting(&mut self) -> Result<Option<Drafted>> {
        match self.minting.join_next().await {
            None => Ok(None),
            Some(Ok(minted)) => minted.map(Some),
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(error)) => {
                Err(Problem::new("AM0303", "names were not minted to the end").because(error))
            }
        }
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
    import: &mut Import,
    sealing: &mut Sealing,
    sums: &mut Records,
) -> Result<Vec<Failure>> {
    if records.num_rows() == 0 {
        return Ok(Vec::new());
    }
    let mut drafted = mapper.drafter.draft(records, remarks)?;
    drafted.mint(sealing.incoming()).await?;
    settled(&mut mapper.assembler, drafted, import, sealing, sums).await
}

/// Puts records together whose names are minted, and stages what they give.
async fn settled(
    assembler: &mut Assembler,
    minted: Drafted,
    import: &mut Import,
    sealing: &mut Sealing,
    sums: &mut Records,
) -> Result<Vec<Failure>> {
    put(assembler.assemble(minted)?, import, sealing, sums).await
}

async fn put(
    mapped: Mapped,
    import: &mut Import,
    sealing: &mut Sealing,
    sums: &mut Records,
) -> Result<Vec<Failure>> {
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

/// Does one thing on a thread of its own while this one does the other.
fn side_by_side<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|threads| {
        let one = threads.spawn(one);
        let other = other();
        let one = one.join();
        (
            one.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            other,
        )
    })
}
