//! A promise's definition, planned against the kinds of events that there are.

use std::collections::{BTreeMap, BTreeSet};

use amends_expressions::{Expression, PlanError, Planner};
use amends_model::event::column;
use amends_model::wait::Calendar;
use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::{By, On, Promise, Sql};
use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};

use crate::attributes;
use crate::deadline::deadlines;
use crate::events::Columns;
use crate::fact::{Fact, Role};
use crate::instance::Opening;
use crate::machine::Observed;
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

/// A replay holds about so many facts in memory at a time, of 64 bytes each.
const FACTS_AT_A_TIME: u64 = 8_000_000;

/// What is read of the events of one kind.
pub(crate) struct Reading {
    pub(crate) columns: Vec<String>,
    /// The types of those of the columns that its events have.
    pub(crate) types: Vec<(String, DataType)>,
    parts: Vec<Part>,
}

/// One role in which events of a kind come.
struct Part {
    role: Role,
    condition: Option<Expression>,
    /// The property that names a deadline.
    by: Option<String>,
}

/// The rows of a batch that come in one role.
pub(crate) struct Found {
    pub(crate) role: Role,
    /// `None`: all of them.
    which: Option<BooleanArray>,
    by: Option<Vec<Option<i64>>>,
}

impl Found {
    pub(crate) fn rows(&self, of: usize) -> impl Iterator<Item = usize> + '_ {
        let holds = |row: &usize| self.which.as_ref().is_none_or(|which| which.value(*row));
        (0..of).filter(holds)
    }

    pub(crate) fn by(&self, row: usize) -> Option<i64> {
        self.by.as_ref().and_then(|by| by[row])
    }
}

impl Compiled {
    /// Plans a promise against the columns of each kind of event. Kinds that are not there have no events yet.
    ///
    /// # Errors
    /// `AM0701` when an expression cannot be planned or a deadline's property is not there; `AM0703` when there is no such calendar.
    pub fn new(
        promise: &Promise,
        calendars: &BTreeMap<String, Calendar>,
        planner: &Planner,
        kinds: &BTreeMap<String, SchemaRef>,
    ) -> Result<Self> {
        let serious = match kinds.get(&promise.opens.kind) {
            Some(schema) => Serious::new(promise.serious.as_ref(), &promise.name, schema, planner)?,
            None => Serious::default(),
        };
        let mut readings = BTreeMap::new();
        for (role, on, by) in roles(promise) {
            let Some(schema) = kinds.get(&on.kind) else {
                continue;
            };
            let part = Part::new(promise, role, on, by, schema, planner)?;
            let reading = readings.entry(on.kind.clone()).or_insert_with(|| Reading {
                columns: Vec::new(),
                types: Vec::new(),
                parts: Vec::new(),
            });
            reading.parts.push(part);
        }
        for (kind, reading) in &mut readings {
            let extra = if *kind == promise.opens.kind {
                let properties = promise.attributes.iter().map(String::as_str);
                properties
                    .chain(serious.columns())
                    .chain([column::IDENTIFIER])
                    .collect()
            } else {
                Vec::new()
            };
            reading.columns = reading.needs(extra);
            reading.types = types(kinds.get(kind), &reading.columns);
        }
        Ok(Self {
            promise: promise.clone(),
            terms: Terms::new(promise, calendars)?,
            serious,
            readings,
            facts_at_a_time: FACTS_AT_A_TIME,
        })
    }

    /// The same, but a replay holds about so many facts in memory at a time, of 64 bytes each, and takes as many passes as it must.
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
        let columns = Columns::of(batch)?;
        let mut observed = Vec::new();
        for found in reading.found(batch, &self.terms)? {
            for row in found
                .rows(batch.num_rows())
                .filter(|row| columns.about.is_valid(*row))
            {
                let source = rank(columns.source.value(row));
                let fact = Fact::new(
                    columns.at[row],
                    source,
                    columns.id(row),
                    found.role,
                    found.by(row),
                );
                let opening = match found.role {
                    Role::Opens => Some(self.opening(batch, row)?),
                    _ => None,
                };
                let about = columns.about.value(row).to_owned();
                observed.push(Observed {
                    about,
                    fact,
                    opening,
                });
            }
        }
        Ok(observed)
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

/// Those of some columns that there are, with their types.
fn types(schema: Option<&SchemaRef>, columns: &[String]) -> Vec<(String, DataType)> {
    let typed = |name: &String| {
        let (_, field) = schema?.column_with_name(name)?;
        Some((name.clone(), field.data_type().clone()))
    };
    columns.iter().filter_map(typed).collect()
}

/// Every role of a promise, with the event that plays it and the property that names a deadline.
pub(crate) fn roles(promise: &Promise) -> Vec<(Role, &On, Option<&str>)> {
    let due = match &promise.by {
        By::Date(property) | By::Timestamp(property) => Some(property.as_str()),
        By::After(_) => None,
    };
    let mut roles = vec![
        (Role::Opens, &promise.opens, due),
        (Role::Kept, &promise.kept, None),
    ];
    roles.extend(promise.excused.as_ref().map(|on| (Role::Excused, on, None)));
    roles.extend(
        promise
            .moved
            .as_ref()
            .map(|moved| (Role::Moved, &moved.on, Some(moved.by.as_str()))),
    );
    if let Some(pause) = &promise.pause {
        roles.extend([
            (Role::PauseFrom, &pause.from, None),
            (Role::PauseTo, &pause.to, None),
        ]);
    }
    roles
}

impl Part {
    fn new(
        promise: &Promise,
        role: Role,
        on: &On,
        by: Option<&str>,
        schema: &SchemaRef,
        planner: &Planner,
    ) -> Result<Self> {
        let plan = |sql: &Sql| {
            let planned = planner.condition(&sql.text, schema);
            planned.map_err(|error| {
                unplannable(
                    &promise.name,
                    &format!("the condition on {}", on.kind),
                    sql,
                    &error,
                )
            })
        };
        let condition = on.condition.as_ref().map(plan).transpose()?;
        if let Some(property) = by.filter(|property| schema.column_with_name(property).is_none()) {
            let known: Vec<&str> = schema
                .fields()
                .iter()
                .map(|field| field.name().as_str())
                .collect();
            return Err(Problem::new(
                "AM0701",
                format!("the deadline of promise {:?} cannot be read", promise.name),
            )
            .detail(format!(
                "events of kind {:?} have no property {property:?}",
                on.kind
            ))
            .hint(format!("they have: {}", known.join(", "))));
        }
        Ok(Self {
            role,
            condition,
            by: by.map(str::to_owned),
        })
    }
}

impl Reading {
    fn needs(&self, extra: Vec<&str>) -> Vec<String> {
        let mut columns: BTreeSet<&str> =
            [column::ID, column::AT, column::SOURCE, column::ABOUT].into();
        columns.extend(extra);
        for part in &self.parts {
            columns.extend(part.by.as_deref());
            columns.extend(
                part.condition
                    .iter()
                    .flat_map(Expression::columns)
                    .map(String::as_str),
            );
        }
        columns.into_iter().map(str::to_owned).collect()
    }

    /// The rows of a batch in each role.
    pub(crate) fn found(&self, batch: &RecordBatch, terms: &Terms) -> Result<Vec<Found>> {
        let find = |part: &Part| {
            let which = part
                .condition
                .as_ref()
                .map(|condition| condition.holds(batch))
                .transpose()?;
            let column =
                |property: &String| Some((property.clone(), batch.column_by_name(property)?));
            let by = part.by.as_ref().and_then(column);
            let by = by
                .map(|(property, column)| deadlines(&property, column, terms))
                .transpose()?;
            Ok(Found {
                role: part.role,
                which,
                by,
            })
        };
        self.parts.iter().map(find).collect()
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
