//! The first half of the work on a batch: what its records say, before it is known whom they name.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_expressions::Expression;
use amends_model::{Problem, Result, time};
use amends_vault::{Incoming, Vault};
use arrow::array::{Array, AsArray, Int64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;
use jiff::{SignedDuration, Timestamp};

use super::assemble::Known;
use super::content::{self, PersonalKey};
use super::draft::{Draft, Drafting, Remarks};
use super::fault::Faults;
use super::key::Occurrences;
use super::names::Names;
use super::plan::Mapping;
use super::run::ours;
use crate::decode::{Clock, LINE};

/// An event may have happened so long after it was received: clocks differ, and files state their zones wrongly by hours.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// Records whose names wait for their identifiers.
pub(crate) struct Drafted {
    pub(super) batch: RecordBatch,
    pub(super) lines: Vec<i64>,
    pub(super) drafts: Vec<Draft>,
    pub(super) known: Known,
    pub(super) versions: Option<Int64Array>,
    pub(super) faults: Faults,
    /// In order of their namespaces, so that names are minted in the same order at every run.
    pub(super) names: BTreeMap<String, Names>,
}

impl Drafted {
    /// Mints the names that were met.
    ///
    /// # Errors
    /// `AM0303` when the vault fails.
    pub(crate) async fn mint(&mut self, incoming: &Incoming) -> Result<()> {
        for (namespace, names) in &mut self.names {
            names.mint(namespace, incoming).await?;
        }
        Ok(())
    }
}

/// Drafts one batch of records after the other.
pub(crate) struct Drafter {
    mapping: Arc<Mapping>,
    clock: Clock,
    days: Clock,
    occurrences: Occurrences,
    personal_key: PersonalKey,
    latest: i64,
}

impl Drafter {
    /// For one import.
    pub(super) fn new(mapping: &Arc<Mapping>, vault: &Vault, now: Timestamp) -> Self {
        Self {
            clock: Clock::new(&mapping.zone),
            days: Clock::new(&mapping.company_zone),
            occurrences: Occurrences::default(),
            personal_key: vault.content_key(),
            latest: time::micros(now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX)),
            mapping: Arc::clone(mapping),
        }
    }

    /// What some records say, before it is known whom they name.
    ///
    /// # Errors
    /// `AM0512` when records have no lines; `AM0509` when columns cannot be put together, which is a mistake of ours.
    pub(crate) fn draft(&mut self, batch: &RecordBatch, remarks: &Remarks) -> Result<Drafted> {
        let lines = lines(batch)?;
        self.drafted(batch, remarks, lines).map_err(ours)
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
