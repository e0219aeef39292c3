//! A promise's definition, planned against the kinds of events that there are.

use std::collections::BTreeMap;

use amends_expressions::{PlanError, Planner};
use amends_model::event::column;
use amends_model::{IdentifierId, Problem, Result, time};
use amends_project::definition::{About, Promise, Spell, Sql};
use arrow::array::{Array, RecordBatch, StringArray};
use arrow::datatypes::SchemaRef;

use crate::attributes;
use crate::events::Columns;
use crate::fact::{Fact, Role};
use crate::instance::Opening;
use crate::machine::Observed;
use crate::reading::{self, Plans, Reading};
use crate::serious::Serious;
use crate::terms::Terms;

/// A promise, ready to read events.
pub struct Compiled {
    pub(crate) promise: Promise,
    pub(crate) terms: Terms,
    pub(crate) serious: Serious,
    pub(crate) readings: BTreeMap<String, Reading>,
    pub(crate) facts_at_a_time: u64,
}

/// A replay holds about so many facts in memory at a time, of 80 bytes each.
const FACTS_AT_A_TIME: u64 = 8_000_000;

impl Compiled {
    /// Plans a promise against the columns of each kind of event. Kinds that are not there have no events yet.
    ///
    /// # Errors
    /// `AM0701` when an expression cannot be planned or a deadline's property is not there; `AM0009` when its calendar never opens.
    pub fn new(
        promise: &Promise,
        planner: &Planner,
        kinds: &BTreeMap<String, SchemaRef>,
    ) -> Result<Self> {
        let serious = match kinds.get(&promise.opens.kind) {
            Some(schema) => Serious::new(promise.serious.as_ref(), &promise.name, schema, planner)?,
            None => Serious::default(),
        };
        let mut readings = BTreeMap::new();
        let terms = Terms::new(promise)?;
        let plans = Plans {
            promise,
            terms: &terms,
            planner,
        };
        for (hears, on) in promise.hears() {
            let kind = &on.kind;
            let Some(schema) = kinds.get(kind) else {
                continue;
            };
            let part = plans.part(hears, on, schema)?;
            let reading = readings.entry(kind.clone()).or_insert_with(|| Reading {
                columns: Vec::new(),
                types: Vec::new(),
                parts: Vec::new(),
            });
            reading.parts.push(part);
        }
        for (kind, reading) in &mut readings {
            let mut extra: Vec<&str> = Vec::new();
            if *kind == promise.opens.kind {
                extra.extend(promise.attributes.iter().map(String::as_str));
                extra.extend(serious.columns());
            }
            if *kind == promise.opens.kind || promise.about == About::Customer {
                extra.push(column::IDENTIFIER);
            }
            reading.columns = reading.needs(extra);
            reading.types = reading::types(kinds.get(kind), &reading.columns);
        }
        Ok(Self {
            promise: promise.clone(),
            terms,
            serious,
            readings,
            facts_at_a_time: FACTS_AT_A_TIME,
        })
    }

    /// The same, but a replay holds about so many facts in memory at a time, of 80 bytes each, and takes as many passes as it must.
    #[must_use]
    pub fn with_facts_at_a_time(self, facts_at_a_time: u64) -> Self {
        Self {
            facts_at_a_time: facts_at_a_time.max(1),
            ..self
        }
    }

    /// The terms of the promise.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// What grades its let-downs.
    pub fn serious(&self) -> &Serious {
        &self.serious
    }

    /// What a batch of events of one kind says about the promise: facts, and with those that open it what they open.
    /// `rank` tells the rank of a source's name among all names of sources. Events about nothing say nothing.
    ///
    /// # Errors
    /// `AM0203` when a condition fails for an event; `AM0705` when columns are missing.
    pub fn observed(
        &self,
        kind: &str,
        batch: &RecordBatch,
        rank: &dyn Fn(&str) -> u32,
    ) -> Result<Vec<Observed>> {
        let Some(reading) = self.readings.get(kind) else {
            return Ok(Vec::new());
        };
        let (columns, abouts) = (Columns::of(batch)?, self.abouts(batch)?);
        let mut observed = Vec::new();
        let found = reading.found(batch)?;
        for found in found.into_iter().filter(|found| !found.reaches) {
            for row in found
                .rows(batch.num_rows())
                .filter(|row| abouts.is_valid(*row))
            {
                let fact = found.fact(&columns, row, rank(columns.source.value(row)));
                let opening = match found.role {
                    Role::Opens => Some(self.opening(batch, row)?),
                    _ => None,
                };
                let about = abouts.value(row).to_owned();
                observed.push(Observed {
                    about,
                    fact,
                    opening,
                });
            }
        }
        Ok(observed)
    }

    /// What events of a batch say that reach many: of each a fact that comes to everything that stood there then.
    ///
    /// # Errors
    /// As [`Compiled::observed`].
    pub fn reaching(
        &self,
        kind: &str,
        batch: &RecordBatch,
        rank: &dyn Fn(&str) -> u32,
    ) -> Result<Vec<Fact>> {
        let Some(reading) = self.readings.get(kind) else {
            return Ok(Vec::new());
        };
        let columns = Columns::of(batch)?;
        let mut reaching = Vec::new();
        for found in reading
            .found(batch)?
            .into_iter()
            .filter(|found| found.reaches)
        {
            let facts = found.rows(batch.num_rows()).map(|row| {
                let source = rank(columns.source.value(row));
                found.fact(&columns, row, source)
            });
            reaching.extend(facts.filter(|fact| fact.place().is_some()));
        }
        Ok(reaching)
    }

    /// Whether it is by this definition that what opened at a moment, in microseconds, is judged (rule 12).
    pub(crate) fn judges(&self, opened_at: i64) -> bool {
        let spell = self.promise.spell;
        spell == Spell::default() || time::from_micros(opened_at).is_ok_and(|at| spell.holds(at))
    }

    /// Whether every event comes to what it is about, and nothing comes of a thing by itself: what the store of instances counts on.
    pub(crate) fn follows_events(&self) -> bool {
        let reaches = self.promise.stands.is_some();
        self.promise.about == About::Record && !reaches && !self.terms.begins_by_itself()
    }

    /// The columns that tell what events are about.
    pub(crate) fn matched_by(&self) -> &'static [&'static str] {
        match self.promise.about {
            About::Record => &[column::ABOUT],
            About::Customer => &[column::IDENTIFIER],
        }
    }

    /// What the events of a batch are about, as the promise matches them; null where they are about nothing.
    ///
    /// # Errors
    /// `AM0705` when columns are missing.
    pub(crate) fn abouts(&self, batch: &RecordBatch) -> Result<StringArray> {
        match self.promise.about {
            About::Record => Columns::texts(batch, column::ABOUT).cloned(),
            About::Customer => {
                let ids = Columns::ids(batch, column::IDENTIFIER)?.iter();
                let named = ids.map(|id| Some(IdentifierId::from_slice(id?)?.to_string()));
                Ok(named.collect())
            }
        }
    }

    fn opening(&self, batch: &RecordBatch, row: usize) -> Result<Opening> {
        let one = batch.slice(row, 1);
        let mut values = Vec::with_capacity(self.promise.attributes.len());
        for name in &self.promise.attributes {
            values.push(match one.column_by_name(name) {
                Some(column) => attributes::texts(&attributes::lists(column)?, 0),
                None => vec![String::new()],
            });
        }
        let identifier = Columns::ids(&one, column::IDENTIFIER)?.value(0);
        Ok(Opening {
            identifier: IdentifierId::from_slice(identifier).unwrap_or(IdentifierId([0; 16])),
            attributes: values,
            row: self.serious.row(batch, row),
        })
    }
}

/// An expression that cannot be planned, as a problem that quotes it.
pub(crate) fn unplannable(promise: &str, what: &str, sql: &Sql, error: &PlanError) -> Problem {
    let (file, line) = (sql.place.file.display(), sql.place.line);
    let problem = Problem::new(
        "AM0701",
        format!("{what} of promise {promise:?} cannot be planned"),
    )
    .detail(format!(
        "{:?} in {file} line {line}: {}",
        sql.text, error.message
    ));
    match &error.suggestion {
        Some(suggestion) => problem.hint(suggestion.clone()),
        None => problem.hint("`amends check` shows every such mistake with its place"),
    }
}
