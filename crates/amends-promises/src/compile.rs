//! A promise's definition, planned against the kinds of events that there are.

use std::collections::{BTreeMap, BTreeSet};

use amends_expressions::{Expression, PlanError, Planner};
use amends_model::event::column;
use amends_model::wait::Calendar;
use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::{About, Deadline, On, Promise, Shape, Sql, Window};
use arrow::array::{Array, BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, SchemaRef};

use crate::attributes;
use crate::bound::Bound;
use crate::events::Columns;
use crate::fact::{Fact, Role};
use crate::instance::Opening;
use crate::machine::Observed;
use crate::named::moments;
use crate::serious::Serious;
use crate::terms::{Shaped, Terms};

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
    /// What names the beginning of a window.
    from: Option<Named>,
    /// What names a deadline.
    by: Option<Named>,
}

/// A property that names a moment.
struct Named {
    property: String,
    bound: Bound,
}

/// The rows of a batch that come in one role.
pub(crate) struct Found {
    pub(crate) role: Role,
    /// `None`: all of them.
    which: Option<BooleanArray>,
    from: Option<Vec<Option<i64>>>,
    by: Option<Vec<Option<i64>>>,
}

impl Found {
    pub(crate) fn rows(&self, of: usize) -> impl Iterator<Item = usize> + '_ {
        let holds = |row: &usize| self.which.as_ref().is_none_or(|which| which.value(*row));
        (0..of).filter(holds)
    }

    /// The fact that a row is.
    pub(crate) fn fact(&self, columns: &Columns<'_>, row: usize, source: u32) -> Fact {
        let named = |moments: &Option<Vec<Option<i64>>>| moments.as_ref().and_then(|all| all[row]);
        let (at, id) = (columns.at[row], columns.id(row));
        Fact::new(at, source, id, self.role, named(&self.by)).starting(named(&self.from))
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
        let terms = Terms::new(promise, calendars)?;
        for heard in roles(promise) {
            let kind = &heard.on.kind;
            let Some(schema) = kinds.get(kind) else {
                continue;
            };
            let part = Part::new(promise, &terms, &heard, schema, planner)?;
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
            reading.types = types(kinds.get(kind), &reading.columns);
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
        for found in reading.found(batch)? {
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

/// Those of some columns that there are, with their types.
fn types(schema: Option<&SchemaRef>, columns: &[String]) -> Vec<(String, DataType)> {
    let typed = |name: &String| {
        let (_, field) = schema?.column_with_name(name)?;
        Some((name.clone(), field.data_type().clone()))
    };
    columns.iter().filter_map(typed).collect()
}

/// An event that a promise hears of, and as what.
pub(crate) struct Heard<'a> {
    pub(crate) role: Role,
    pub(crate) on: &'a On,
    /// The property that names the beginning of a window.
    from: Option<&'a str>,
    /// The property that names a deadline.
    by: Option<&'a str>,
}

/// Every role of a promise, what opens it first.
pub(crate) fn roles(promise: &Promise) -> Vec<Heard<'_>> {
    let plain = |role, on| Heard {
        role,
        on,
        from: None,
        by: None,
    };
    let opens = plain(Role::Opens, &promise.opens);
    match &promise.shape {
        Shape::Deadline(deadline) | Shape::Window(Window { deadline, .. }) => {
            let opens = Heard {
                from: promise.shape.from().and_then(|from| from.property()),
                by: deadline.by.property(),
                ..opens
            };
            let mut roles = vec![opens, plain(Role::Kept, &deadline.kept)];
            roles.extend(changes(deadline, &plain));
            roles
        }
        Shape::Never(never) => {
            let mut roles = vec![opens, plain(Role::Breaks, &never.breaks)];
            roles.extend(never.ends.as_ref().map(|on| plain(Role::Ends, on)));
            roles
        }
    }
}

/// What may happen to something that is due.
fn changes<'a>(
    deadline: &'a Deadline,
    plain: &dyn Fn(Role, &'a On) -> Heard<'a>,
) -> impl Iterator<Item = Heard<'a>> {
    let excused = deadline.excused.as_ref();
    let excused = excused.map(|on| plain(Role::Excused, on));
    let moved = deadline.moved.as_ref().map(|moved| Heard {
        from: moved.from.as_deref(),
        by: Some(&moved.by),
        ..plain(Role::Moved, &moved.on)
    });
    let pause = deadline.pause.as_ref().map(|pause| {
        [
            plain(Role::PauseFrom, &pause.from),
            plain(Role::PauseTo, &pause.to),
        ]
    });
    let pause = pause.into_iter().flatten();
    excused.into_iter().chain(moved).chain(pause)
}

impl Part {
    fn new(
        promise: &Promise,
        terms: &Terms,
        heard: &Heard<'_>,
        schema: &SchemaRef,
        planner: &Planner,
    ) -> Result<Self> {
        let on = heard.on;
        let plan = |sql: &Sql| {
            let planned = planner.condition(&sql.text, schema);
            planned.map_err(|error| {
                let what = format!("the condition on {}", on.kind);
                unplannable(&promise.name, &what, sql, &error)
            })
        };
        let condition = on.condition.as_ref().map(plan).transpose()?;
        let (from, due) = match &terms.shape {
            Shaped::Timed(span) => (span.from.as_ref(), Some(&span.due)),
            Shaped::Never(_) => (None, None),
        };
        let named = |property: Option<&str>, bound: Option<&Bound>| {
            let named = property.zip(bound);
            let named = named.map(|(property, bound)| {
                has(promise, on, property, schema)?;
                Ok(Named {
                    property: property.to_owned(),
                    bound: bound.clone(),
                })
            });
            named.transpose()
        };
        Ok(Self {
            role: heard.role,
            condition,
            from: named(heard.from, from)?,
            by: named(heard.by, due)?,
        })
    }
}

/// Refuses a property that events of a kind do not have.
fn has(promise: &Promise, on: &On, property: &str, schema: &SchemaRef) -> Result<()> {
    if schema.column_with_name(property).is_some() {
        return Ok(());
    }
    let fields = schema.fields().iter();
    let known: Vec<&str> = fields.map(|field| field.name().as_str()).collect();
    Err(Problem::new(
        "AM0701",
        format!("the deadline of promise {:?} cannot be read", promise.name),
    )
    .detail(format!(
        "events of kind {:?} have no property {property:?}",
        on.kind
    ))
    .hint(format!("they have: {}", known.join(", "))))
}

impl Reading {
    fn needs(&self, extra: Vec<&str>) -> Vec<String> {
        let mut columns: BTreeSet<&str> =
            [column::ID, column::AT, column::SOURCE, column::ABOUT].into();
        columns.extend(extra);
        for part in &self.parts {
            let named = part.from.iter().chain(&part.by);
            columns.extend(named.map(|named| named.property.as_str()));
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
    pub(crate) fn found(&self, batch: &RecordBatch) -> Result<Vec<Found>> {
        let read = |named: &Named| {
            let column = batch.column_by_name(&named.property)?;
            Some(moments(&named.property, column, &named.bound))
        };
        let find = |part: &Part| {
            let which = part
                .condition
                .as_ref()
                .map(|condition| condition.holds(batch))
                .transpose()?;
            Ok(Found {
                role: part.role,
                which,
                from: part.from.as_ref().and_then(read).transpose()?,
                by: part.by.as_ref().and_then(read).transpose()?,
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
