//! One batch of records after another becomes events.

use std::collections::HashSet;
use std::sync::Arc;

use amends_ledger::Silence;
use amends_model::{IdentifierId, Problem, Result, event, time};
use amends_project::definition::Project;
use amends_vault::{Personal, Vault};
use arrow::array::{Array, RecordBatch};
use arrow::error::ArrowError;
use jiff::Timestamp;

use super::assemble::assemble;
use super::content::PersonalKey;
use super::drafter::{Drafted, Drafter};
use super::event::Records;
use super::key::Keys;
use super::plan::Mapping;
use super::recorded::Recorded;
use super::silent::silences;
use crate::failure::Failure;

/// What became of a batch of records.
#[derive(Default)]
pub(crate) struct Mapped {
    /// Events by kind.
    pub(crate) events: Vec<Staged>,
    /// Records that gave no events.
    pub(crate) failures: Vec<Failure>,
    /// Records that were awaited, and could be read.
    pub(crate) read_well: Vec<String>,
    /// Personal fields to be sealed.
    pub(crate) personal: Vec<Personal>,
    /// The latest moment in the events, in microseconds.
    pub(crate) latest: Option<i64>,
}

/// What some records say of one kind.
pub(crate) struct Staged {
    /// The kind.
    pub(crate) kind: String,
    /// Their events, in the columns of `amends_model::event`.
    pub(crate) events: RecordBatch,
    /// Those that give none.
    pub(crate) silent: Vec<Silence>,
}

/// Turns records into events, in two halves that may work on two batches at once.
pub(crate) struct Mapper {
    /// What records say.
    pub(crate) drafter: Drafter,
    /// What they become, once their names are minted.
    pub(crate) assembler: Assembler,
}

/// Puts one batch of records after the other together as events.
pub(crate) struct Assembler {
    mapping: Arc<Mapping>,
    keys: Vec<Keys>,
    /// Kinds that the source gave once and gives no longer, with their keys.
    former: Vec<(String, Keys)>,
    /// Records that rows in quarantine speak of.
    awaited: HashSet<String>,
    recorded: Recorded,
    personal_key: PersonalKey,
    received_at: i64,
    import: i64,
    /// Personal fields of what happened before this are not kept.
    personal_from: i64,
    /// Nobody is erased while an import is under way.
    erased: HashSet<IdentifierId>,
}

impl Mapper {
    /// A mapper for one import.
    ///
    /// # Errors
    /// `AM0303` when the vault fails.
    pub(crate) async fn new(
        mapping: Mapping,
        vault: &Vault,
        import: i64,
        now: Timestamp,
    ) -> Result<Self> {
        let mapping = Arc::new(mapping);
        let keys = mapping.events.iter();
        let keys = keys.map(|event| Keys::new(&mapping.source, &mapping.stream, &event.kind));
        Ok(Self {
            drafter: Drafter::new(&mapping, vault, now),
            assembler: Assembler {
                keys: keys.collect(),
                former: Vec::new(),
                awaited: HashSet::new(),
                recorded: Recorded::new(vault),
                personal_key: vault.content_key(),
                received_at: time::micros(now),
                import,
                personal_from: i64::MIN,
                erased: vault.erased().await?.into_keys().collect(),
                mapping,
            },
        })
    }

    /// Tells of kinds, too, that the source gave once and its definition does not give any more.
    pub(crate) fn instead_of(mut self, given: &[String]) -> Self {
        let Mapping {
            source,
            stream,
            events,
            ..
        } = &*self.assembler.mapping;
        let gives = |kind: &&String| events.iter().any(|event| event.kind == **kind);
        let former = given.iter().filter(|kind| !gives(kind));
        let former = former.map(|kind| (kind.clone(), Keys::new(source, stream, kind)));
        self.assembler.former = former.collect();
        self
    }

    /// Tells which of some records, that rows in quarantine speak of, can be read.
    pub(crate) fn awaiting(mut self, records: &HashSet<String>) -> Self {
        self.assembler.awaited = records.clone();
        self
    }

    /// Keeps the personal fields of a source only as long as the project says (rule 16).
    ///
    /// # Errors
    /// `AM0002` and `AM0009` when that time cannot be counted back.
    pub(crate) fn retaining(mut self, project: &Project, now: Timestamp) -> Result<Self> {
        let source = &self.assembler.mapping.source;
        if let Some(kept) = project.retention.personal.get(source) {
            let calendar = &project.calendars["default"];
            self.assembler.personal_from = time::micros(kept.before(now, calendar)?);
        }
        Ok(self)
    }
}

impl Assembler {
    /// What some records become, once their names are minted. Every record either gives events or is among the failures.
    ///
    /// # Errors
    /// `AM0509` when columns cannot be put together, which is a mistake of ours.
    pub(crate) fn assemble(&mut self, drafted: Drafted) -> Result<Mapped> {
        let Drafted {
            batch,
            lines,
            drafts,
            known,
            versions,
            faults,
            names,
        } = drafted;
        let records = Records {
            source: &self.mapping.source,
            stream: &self.mapping.stream,
            mapping: &self.mapping.version_of_mapping,
            lines: &lines,
            native: known.native.as_ref(),
            versions: versions.as_ref(),
            received_at: self.received_at,
            import: self.import,
            names: &names,
            personal_key: &self.personal_key,
            personal_from: self.personal_from,
            erased: &self.erased,
        };
        let mut mapped = assemble(
            &self.mapping,
            &mut self.keys,
            &batch,
            &drafts,
            &known,
            &records,
            &faults,
        )
        .map_err(ours)?;
        if let Some(native) = &known.native {
            for (kind, keys) in &mut self.former {
                mapped.events.push(Staged {
                    kind: kind.clone(),
                    events: RecordBatch::new_empty(event::schema(&[])?),
                    silent: silences(keys, &[], native, &records, &faults),
                });
            }
        }
        let record = |row: u32| {
            let native = known.native.as_ref()?;
            let there = native.is_valid(row as usize);
            let native = there.then(|| native.value(row as usize))?;
            self.recorded
                .of(&self.mapping.source, &self.mapping.stream, native)
        };
        if !self.awaited.is_empty() {
            let good = (0..lines.len() as u32).filter(|row| !faults.has(*row));
            let awaited = |record: &String| self.awaited.contains(record);
            mapped.read_well = good.filter_map(record).filter(awaited).collect();
        }
        mapped.failures = faults.failures(&lines, record);
        Ok(mapped)
    }
}

pub(super) fn ours(error: ArrowError) -> Problem {
    Problem::new("AM0509", "records cannot be put together as events").because(error)
}
