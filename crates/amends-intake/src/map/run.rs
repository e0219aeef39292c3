//! One batch of records after another becomes events.

use std::collections::{BTreeMap, HashSet};

use amends_expressions::Expression;
use amends_ledger::Silence;
use amends_model::{IdentifierId, Problem, Result, event, time};
use amends_project::definition::Project;
use amends_vault::{Personal, Vault};
use arrow::array::{Array, AsArray, Int64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;
use jiff::{SignedDuration, Timestamp};

use super::assemble::{Known, assemble};
use super::content::{self, PersonalKey};
use super::draft::{Draft, Drafting, Remarks};
use super::event::Records;
use super::fault::Faults;
use super::key::{Keys, Occurrences};
use super::names::Names;
use super::plan::Mapping;
use super::recorded::Recorded;
use super::silent::silences;
use crate::decode::{Clock, LINE};
use crate::failure::Failure;

/// An event may have happened so long after it was received: clocks differ, and files state their zones wrongly by hours.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

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

/// Records whose names wait for their identifiers.
pub(crate) struct Drafted {
    batch: RecordBatch,
    lines: Vec<i64>,
    drafts: Vec<Draft>,
    known: Known,
    versions: Option<Int64Array>,
    faults: Faults,
    /// In order of their namespaces, so that names are minted in the same order at every run.
    names: BTreeMap<String, Names>,
}

impl Drafted {
    /// Mints the names that were met.
    ///
    /// # Errors
    /// `AM0303` when the vault fails.
    pub(crate) async fn mint(&mut self, vault: &Vault) -> Result<()> {
        for (namespace, names) in &mut self.names {
            names.mint(namespace, vault).await?;
        }
        Ok(())
    }
}

/// Turns records into events.
pub(crate) struct Mapper {
    mapping: Mapping,
    clock: Clock,
    days: Clock,
    keys: Vec<Keys>,
    /// Kinds that the source gave once and gives no longer, with their keys.
    former: Vec<(String, Keys)>,
    /// Records that rows in quarantine speak of.
    awaited: HashSet<String>,
    recorded: Recorded,
    occurrences: Occurrences,
    personal_key: PersonalKey,
    received_at: i64,
    latest: i64,
    import: i64,
    /// Personal fields of what happened before this are not kept.
    personal_from: i64,
    /// Who was erased, once the vault was asked: nobody is while an import is under way.
    erased: Option<HashSet<IdentifierId>>,
}

impl Mapper {
    /// A mapper for one import.
    pub(crate) fn new(mapping: Mapping, vault: &Vault, import: i64, now: Timestamp) -> Self {
        let keys = mapping.events.iter();
        let keys = keys.map(|event| Keys::new(&mapping.source, &mapping.stream, &event.kind));
        Self {
            clock: Clock::new(&mapping.zone),
            days: Clock::new(&mapping.company_zone),
            keys: keys.collect(),
            former: Vec::new(),
            awaited: HashSet::new(),
            recorded: Recorded::new(vault),
            occurrences: Occurrences::default(),
            personal_key: vault.content_key(),
            received_at: time::micros(now),
            latest: time::micros(now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX)),
            import,
            personal_from: i64::MIN,
            erased: None,
            mapping,
        }
    }

    /// Tells of kinds, too, that the source gave once and its definition does not give any more.
    pub(crate) fn instead_of(mut self, given: &[String]) -> Self {
        let Mapping {
            source,
            stream,
            events,
            ..
        } = &self.mapping;
        let gives = |kind: &&String| events.iter().any(|event| event.kind == **kind);
        let former = given.iter().filter(|kind| !gives(kind));
        let former = former.map(|kind| (kind.clone(), Keys::new(source, stream, kind)));
        self.former = former.collect();
        self
    }

    /// Tells which of some records, that rows in quarantine speak of, can be read.
    pub(crate) fn awaiting(mut self, records: &HashSet<String>) -> Self {
        self.awaited = records.clone();
        self
    }

    /// Keeps the personal fields of a source only as long as the project says (rule 16).
    ///
    /// # Errors
    /// `AM0002` and `AM0009` when that time cannot be counted back.
    pub(crate) fn retaining(mut self, project: &Project, now: Timestamp) -> Result<Self> {
        if let Some(kept) = project.retention.personal.get(&self.mapping.source) {
            let calendar = &project.calendars["default"];
            self.personal_from = time::micros(kept.before(now, calendar)?);
        }
        Ok(self)
    }

    /// What some records say, before it is known whom they name.
    ///
    /// # Errors
    /// `AM0512` when records have no lines; `AM0509` when columns cannot be put together, which is a mistake of ours.
    pub(crate) fn draft(&mut self, batch: &RecordBatch, remarks: &Remarks) -> Result<Drafted> {
        let lines = lines(batch)?;
        self.drafted(batch, remarks, lines).map_err(ours)
    }

    /// What some records become, once their names are minted. Every record either gives events or is among the failures.
    ///
    /// # Errors
    /// `AM0303` when the vault fails; `AM0509` when columns cannot be put together, which is a mistake of ours.
    pub(crate) async fn assemble(&mut self, drafted: Drafted, vault: &Vault) -> Result<Mapped> {
        let Drafted {
            batch,
            lines,
            drafts,
            known,
            versions,
            faults,
            names,
        } = drafted;
        let erased = match &mut self.erased {
            Some(erased) => erased,
            none => none.insert(vault.erased().await?.into_keys().collect()),
        };
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
            erased,
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

    fn drafted(
        &mut self,
        batch: &RecordBatch,
        remarks: &Remarks,
        lines: Vec<i64>,
    ) -> Result<Drafted, ArrowError> {
        let (mut faults, mut names) = (Faults::default(), BTreeMap::new());
        let known = self.known(batch, &mut faults)?;
        let versions = self.versions(batch, &mut faults)?;
        let mut drafting = Drafting {
            clock: &mut self.clock,
            days: &mut self.days,
            remarks,
            lines: &lines,
            names: &mut names,
            latest: self.latest,
            faults: &mut faults,
        };
        let mut drafts = Vec::with_capacity(self.mapping.events.len());
        for plan in &self.mapping.events {
            drafts.push(drafting.draft(plan, batch)?);
        }
        let mut gives = vec![false; lines.len()];
        for row in drafts.iter().flat_map(|draft| &draft.rows) {
            gives[*row as usize] = true;
        }
        for (row, gives) in gives.iter().enumerate() {
            if !gives {
                faults.add(row as u32, "AM0529", || {
                    "none of the source's events is in this row".to_owned()
                });
            }
        }
        Ok(Drafted {
            batch: batch.clone(),
            lines,
            drafts,
            known,
            versions,
            faults,
            names,
        })
    }

    fn known(&mut self, batch: &RecordBatch, faults: &mut Faults) -> Result<Known, ArrowError> {
        let Some(key) = &self.mapping.key else {
            let content = content::of_records(batch, &self.mapping.spoken, &self.personal_key)?;
            let counted = |content| (content, self.occurrences.next(content));
            return Ok(Known {
                native: None,
                content: content.into_iter().map(counted).collect(),
            });
        };
        let keys = evaluated(key, batch, faults, "key")?;
        let keys = cast(&keys, &DataType::Utf8)?;
        let keys = keys.as_string::<i32>();
        for row in 0..batch.num_rows() {
            if !keys.is_valid(row) || keys.value(row).trim().is_empty() {
                faults.add(row as u32, "AM0534", || {
                    "the native key is empty".to_owned()
                });
            }
        }
        Ok(Known {
            native: Some(keys.clone()),
            content: Vec::new(),
        })
    }

    fn versions(
        &mut self,
        batch: &RecordBatch,
        faults: &mut Faults,
    ) -> Result<Option<Int64Array>, ArrowError> {
        let Some(version) = &self.mapping.version else {
            return Ok(None);
        };
        let versions = evaluated(version, batch, faults, "version")?;
        let versions = match versions.data_type() {
            DataType::Timestamp(_, zone) => {
                let micros = cast(
                    &versions,
                    &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
                )?;
                micros
                    .as_primitive::<TimestampMicrosecondType>()
                    .reinterpret_cast::<Int64Type>()
            }
            DataType::Date32 => {
                let days = cast(&versions, &DataType::Int32)?;
                cast(&days, &DataType::Int64)?
                    .as_primitive::<Int64Type>()
                    .clone()
            }
            _ => cast(&versions, &DataType::Int64)?
                .as_primitive::<Int64Type>()
                .clone(),
        };
        Ok(Some(versions))
    }
}

fn evaluated(
    expression: &Expression,
    batch: &RecordBatch,
    faults: &mut Faults,
    what: &str,
) -> Result<arrow::array::ArrayRef, ArrowError> {
    let (values, failures) = expression.evaluate_each(batch);
    for (row, _) in failures {
        faults.add(row as u32, "AM0532", || {
            format!("`{what}` fails for this row")
        });
    }
    Ok(values)
}

fn lines(batch: &RecordBatch) -> Result<Vec<i64>> {
    let lines = batch
        .column_by_name(LINE)
        .and_then(|column| column.as_primitive_opt::<Int64Type>());
    lines.map(|lines| lines.values().to_vec()).ok_or_else(|| {
        Problem::new("AM0512", "the source's SQL does not carry `_line`")
            .hint("select `_line` of the main file as it is")
    })
}

fn ours(error: ArrowError) -> Problem {
    Problem::new("AM0509", "records cannot be put together as events").because(error)
}
