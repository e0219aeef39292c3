//! What a promise reads of the events of one kind: in which roles they come, and what they name in each.

use std::collections::BTreeSet;

use amends_expressions::{Expression, Planner};
use amends_model::event::column;
use amends_model::{EventId, Problem, Result};
use amends_project::definition::{Hears, Limits, On, Promise, Shape, Sql, Tolerance};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};

use crate::bound::Bound;
use crate::compile::unplannable;
use crate::events::Columns;
use crate::fact::{Fact, Role};
use crate::named::moments;
use crate::quantity::{Adjust, Quantity, places};
use crate::terms::{Shaped, Terms};

/// What is read of the events of one kind.
pub(crate) struct Reading {
    pub(crate) columns: Vec<String>,
    /// The types of those of the columns that its events have.
    pub(crate) types: Vec<(String, DataType)>,
    pub(crate) parts: Vec<Part>,
}

/// One role in which events of a kind come.
pub(crate) struct Part {
    role: Role,
    condition: Option<Expression>,
    /// What names the beginning of a window, or the most that may be measured.
    from: Option<Named>,
    /// What names a deadline, or what is measured, or the least that may be.
    by: Option<Named>,
    /// Where what it opens stands, or whom it reaches.
    place: Option<Expression>,
}

/// What an event names.
enum Named {
    /// A moment, by a property.
    Time { property: String, bound: Bound },
    /// A number.
    Number(Quantity),
}

/// The rows of a batch that come in one role.
pub(crate) struct Found {
    pub(crate) role: Role,
    /// Whether they come to what stands somewhere, and not to what they are about.
    pub(crate) reaches: bool,
    /// `None`: all of them.
    which: Option<BooleanArray>,
    from: Option<Slot>,
    by: Option<Slot>,
    place: Option<Vec<Option<i64>>>,
}

/// What rows name.
enum Slot {
    Times(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
}

impl Slot {
    /// Those of some rows.
    fn of(&self, rows: &[usize]) -> Self {
        match self {
            Slot::Times(times) => Slot::Times(rows.iter().map(|row| times[*row]).collect()),
            Slot::Numbers(numbers) => Slot::Numbers(rows.iter().map(|row| numbers[*row]).collect()),
        }
    }

    fn time(&self, row: usize) -> Option<i64> {
        match self {
            Slot::Times(times) => times[row],
            Slot::Numbers(_) => None,
        }
    }

    fn number(&self, row: usize) -> Option<f64> {
        match self {
            Slot::Times(_) => None,
            Slot::Numbers(numbers) => numbers[row],
        }
    }
}

impl Found {
    /// Whether a row comes in this role.
    pub(crate) fn holds(&self, row: usize) -> bool {
        self.which.as_ref().is_none_or(|which| which.value(row))
    }

    pub(crate) fn rows(&self, of: usize) -> impl Iterator<Item = usize> + '_ {
        (0..of).filter(|row| self.holds(*row))
    }

    /// What some rows say, each under its place among them.
    pub(crate) fn of(&self, rows: &[usize]) -> Self {
        let slot = |slot: &Option<Slot>| slot.as_ref().map(|slot| slot.of(rows));
        let which = self.which.as_ref();
        let places = self.place.as_ref();
        Self {
            role: self.role,
            reaches: self.reaches,
            which: which.map(|which| rows.iter().map(|row| Some(which.value(*row))).collect()),
            from: slot(&self.from),
            by: slot(&self.by),
            place: places.map(|places| rows.iter().map(|row| places[*row]).collect()),
        }
    }

    /// How many rows there are, of so many.
    pub(crate) fn count(&self, of: usize) -> usize {
        self.which.as_ref().map_or(of, BooleanArray::true_count)
    }

    /// The fact that a row is.
    pub(crate) fn fact(&self, columns: &Columns<'_>, row: usize, source: u32) -> Fact {
        self.fact_of(columns.at[row], columns.id(row), row, source)
    }

    /// The fact that a row is, of an event that happened then.
    pub(crate) fn fact_of(&self, at: i64, id: EventId, row: usize, source: u32) -> Fact {
        let slots = [&self.by, &self.from];
        let [by, from] = slots.map(|slot| slot.as_ref().and_then(|slot| slot.time(row)));
        let [least, most] = slots.map(|slot| slot.as_ref().and_then(|slot| slot.number(row)));
        let fact = Fact::new(at, source, id, self.role, by).starting(from);
        let fact = match (least, most) {
            (None, None) => fact,
            (least, most) => fact.numbering(least, most),
        };
        fact.at_place(self.place.as_ref().and_then(|places| places[row]))
    }
}

/// Plans what a promise reads.
pub(crate) struct Plans<'a> {
    pub(crate) promise: &'a Promise,
    pub(crate) terms: &'a Terms,
    pub(crate) planner: &'a Planner,
}

impl Plans<'_> {
    /// One role of the promise.
    ///
    /// # Errors
    /// `AM0701` when an expression cannot be planned or a deadline's property is not there.
    pub(crate) fn part(&self, hears: Hears, on: &On, schema: &SchemaRef) -> Result<Part> {
        let promise = self.promise;
        let plan = |sql: &Sql| {
            let planned = self.planner.condition(&sql.text, schema);
            planned.map_err(|error| {
                let what = format!("the condition on {}", on.kind);
                unplannable(&promise.name, &what, sql, &error)
            })
        };
        let condition = on.condition.as_ref().map(plan).transpose()?;
        let place = match hears {
            Hears::Opens => promise.stands.as_ref().map(|sql| (sql, "stands-on")),
            _ => on.reaches.as_ref().map(|sql| (sql, "reaches")),
        };
        let place = place.map(|(sql, what)| {
            let planned = self.planner.expression(&sql.text, schema);
            planned.map_err(|error| unplannable(&promise.name, what, sql, &error))
        });
        let (by, from) = match self.numbers(hears, schema)? {
            Some(numbers) => numbers,
            None => self.times(hears, on, schema)?,
        };
        Ok(Part {
            role: hears.into(),
            condition,
            from,
            by,
            place: place.transpose()?,
        })
    }

    /// The numbers that events in a role name; `None` where they name times.
    fn numbers(
        &self,
        hears: Hears,
        schema: &SchemaRef,
    ) -> Result<Option<(Option<Named>, Option<Named>)>> {
        let number = |sql: &Sql, what, adjust| {
            let quantity =
                Quantity::new(&self.promise.name, what, sql, adjust, schema, self.planner);
            Ok::<_, Problem>(Some(Named::Number(quantity?)))
        };
        Ok(Some(match (&self.promise.shape, hears) {
            (Shape::Match(compared), Hears::Measured) => {
                (number(&compared.value, "value", Adjust::None)?, None)
            }
            (Shape::Match(compared), Hears::Opens) => match &compared.limits {
                Limits::Equal(sql, tolerance) => {
                    let (Tolerance::Absolute(size) | Tolerance::Share(size)) = *tolerance;
                    let is_share = matches!(tolerance, Tolerance::Share(_));
                    let adjusted = |up| Adjust::By { size, is_share, up };
                    (
                        number(sql, "equals", adjusted(false))?,
                        number(sql, "equals", adjusted(true))?,
                    )
                }
                Limits::Between(least, most) => {
                    let limit = |sql: &Option<Sql>, what| match sql {
                        Some(sql) => number(sql, what, Adjust::Limit),
                        None => Ok(None),
                    };
                    (limit(least, "least")?, limit(most, "most")?)
                }
            },
            (Shape::Normal(normal), Hears::Measured) => match &normal.value {
                Some(value) => (number(value, "value", Adjust::Limit)?, None),
                None => (None, None),
            },
            _ => return Ok(None),
        }))
    }

    fn times(
        &self,
        hears: Hears,
        on: &On,
        schema: &SchemaRef,
    ) -> Result<(Option<Named>, Option<Named>)> {
        let Shaped::Timed(span) = &self.terms.shape else {
            return Ok((None, None));
        };
        let shape = &self.promise.shape;
        let (by, from) = match hears {
            Hears::Opens => (
                shape.by().and_then(|by| by.property()),
                shape.from().and_then(|from| from.property()),
            ),
            Hears::Moved => {
                let moved = shape.moved();
                (
                    moved.map(|moved| moved.by.as_str()),
                    moved.and_then(|moved| moved.from.as_deref()),
                )
            }
            _ => (None, None),
        };
        let named = |property: Option<&str>, bound: Option<&Bound>| {
            let named = property.zip(bound).map(|(property, bound)| {
                has(self.promise, on, property, schema)?;
                Ok::<_, Problem>(Named::Time {
                    property: property.to_owned(),
                    bound: bound.clone(),
                })
            });
            named.transpose()
        };
        Ok((
            named(by, Some(&span.due))?,
            named(from, span.from.as_ref())?,
        ))
    }
}

/// Those of some columns that there are, with their types.
pub(crate) fn types(schema: Option<&SchemaRef>, columns: &[String]) -> Vec<(String, DataType)> {
    let typed = |name: &String| {
        let (_, field) = schema?.column_with_name(name)?;
        Some((name.clone(), field.data_type().clone()))
    };
    columns.iter().filter_map(typed).collect()
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

impl Part {
    /// The columns that it reads.
    fn columns(&self) -> BTreeSet<&str> {
        let mut columns = BTreeSet::new();
        for named in self.from.iter().chain(&self.by) {
            match named {
                Named::Time { property, .. } => _ = columns.insert(property.as_str()),
                Named::Number(quantity) => columns.extend(quantity.columns()),
            }
        }
        let expressions = self.condition.iter().chain(&self.place);
        columns.extend(
            expressions
                .flat_map(Expression::columns)
                .map(String::as_str),
        );
        columns
    }

    fn find(&self, batch: &RecordBatch) -> Result<Found> {
        let read = |named: &Named| {
            Ok::<_, Problem>(match named {
                Named::Time { property, bound } => match batch.column_by_name(property) {
                    Some(column) => Some(Slot::Times(moments(property, column, bound)?)),
                    None => None,
                },
                Named::Number(quantity) => Some(Slot::Numbers(quantity.of(batch)?)),
            })
        };
        let slot = |named: &Option<Named>| match named {
            Some(named) => read(named),
            None => Ok(None),
        };
        let condition = self.condition.as_ref();
        let place = self.place.as_ref();
        Ok(Found {
            role: self.role,
            reaches: self.role != Role::Opens && self.place.is_some(),
            which: condition
                .map(|condition| condition.holds(batch))
                .transpose()?,
            from: slot(&self.from)?,
            by: slot(&self.by)?,
            place: place.map(|place| places(place, batch)).transpose()?,
        })
    }
}

impl Reading {
    pub(crate) fn needs(&self, extra: Vec<&str>) -> Vec<String> {
        let mut columns: BTreeSet<&str> = self.judged_by().collect();
        columns.extend([column::ABOUT]);
        columns.extend(extra);
        columns.into_iter().map(str::to_owned).collect()
    }

    /// The columns by which the state of an instance is told, once it is known what events are about.
    pub(crate) fn judged_by(&self) -> impl Iterator<Item = &str> {
        let parts = self.parts.iter().flat_map(Part::columns);
        [column::ID, column::AT, column::SOURCE]
            .into_iter()
            .chain(parts)
    }

    /// The rows of a batch in each role.
    pub(crate) fn found(&self, batch: &RecordBatch) -> Result<Vec<Found>> {
        self.parts.iter().map(|part| part.find(batch)).collect()
    }
}
