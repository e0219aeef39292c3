//! How serious let-downs are: the definition's expression, evaluated over many of them at once.

use std::sync::Arc;

use amends_expressions::{Expression, Planner};
use amends_model::{Problem, Result, State};
use amends_project::definition::Sql;
use arrow::array::{Array, ArrayRef, AsArray, DurationMicrosecondArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit};

use crate::compile::unplannable;
use crate::instance::{Instance, Opening};
use crate::machine::Grade;
use crate::value::Value;

/// The column that says how late a let-down is or was: a duration.
const LATE_BY: &str = "late_by";
/// The column that says how much too early it came: a duration. Of `late_by` and this, one at most is there.
const EARLY_BY: &str = "early_by";
/// The column that says how it stands.
const STATE: &str = "state";

/// A planned expression for seriousness; without one every let-down is 1.
#[derive(Clone, Default)]
pub struct Serious {
    planned: Option<Expression>,
    /// The columns of the opening event that it reads.
    columns: Vec<(String, DataType)>,
}

impl Serious {
    /// Plans a promise's `serious` over the columns of its opening events, `late_by`, `early_by` and `state`. These three are the instance's, also where
    /// the event has a property of that name.
    pub(crate) fn new(
        sql: Option<&Sql>,
        promise: &str,
        opening: &SchemaRef,
        planner: &Planner,
    ) -> Result<Self> {
        let Some(sql) = sql else {
            return Ok(Self::default());
        };
        let schema = Self::over(opening);
        let planned = planner
            .expression(&sql.text, &schema)
            .map_err(|error| unplannable(promise, "serious", sql, &error))?;
        let of = planned.data_type();
        if !of.is_integer() && !of.is_null() {
            return Err(Problem::new(
                "AM0701",
                format!("`serious` of promise {promise:?} is no whole number"),
            )
            .detail(format!("{:?} gives {of}", sql.text))
            .hint("let it give 1, 2 or 3"));
        }
        let read = planned.columns().iter().filter(|name| !is_own(name));
        let typed = |name: &String| {
            Some((
                name.clone(),
                schema.field_with_name(name).ok()?.data_type().clone(),
            ))
        };
        let columns = read.filter_map(typed).collect();
        Ok(Self {
            planned: Some(planned),
            columns,
        })
    }

    /// The columns over which it is planned.
    pub(crate) fn over(opening: &SchemaRef) -> SchemaRef {
        let others = opening
            .fields()
            .iter()
            .filter(|field| !is_own(field.name()));
        let mut fields: Vec<_> = others.cloned().collect();
        fields.extend(own_fields().map(Arc::new));
        Arc::new(Schema::new(fields))
    }

    /// The columns of the opening event that it reads.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The values of these columns in one row of a batch of opening events.
    pub(crate) fn row(&self, batch: &RecordBatch, row: usize) -> Vec<Value> {
        let values = self.columns().map(|name| batch.column_by_name(name));
        values
            .map(|column| column.map_or(Value::Null, |column| Value::read(column, row)))
            .collect()
    }

    /// How serious let-downs are: 1 to 3, where the expression says nothing 1, where it says less 1, where it says more 3.
    /// The columns are those of `columns`, in that order.
    ///
    /// # Errors
    /// `AM0203` when the expression fails for one of them.
    pub(crate) fn of(
        &self,
        columns: Vec<ArrayRef>,
        late_by: &[Option<i64>],
        states: &[State],
    ) -> Result<Vec<u8>> {
        let Some(planned) = &self.planned else {
            return Ok(vec![1; states.len()]);
        };
        let mut fields = Vec::with_capacity(columns.len() + 3);
        for ((name, of), column) in self.columns.iter().zip(&columns) {
            debug_assert_eq!(of, column.data_type());
            fields.push(Field::new(name, of.clone(), true));
        }
        let mut columns = columns;
        fields.extend(own_fields());
        let late = late_by.iter().map(|late| late.filter(|late| *late >= 0));
        let early = late_by.iter().map(|late| late.filter(|late| *late < 0));
        let early = early.map(|early| early.map(i64::saturating_neg));
        columns.push(Arc::new(late.collect::<DurationMicrosecondArray>()));
        columns.push(Arc::new(early.collect::<DurationMicrosecondArray>()));
        let states = states.iter().map(|state| Some(state.as_str()));
        columns.push(Arc::new(states.collect::<StringArray>()));
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns);
        let batch = batch.map_err(unfit)?;
        let grades = cast(&planned.evaluate(&batch)?, &DataType::Int64).map_err(unfit)?;
        let grades = grades.as_primitive::<Int64Type>().iter();
        // Between 1 and 3 it fits.
        Ok(grades
            .map(|grade| grade.map_or(1, |grade| grade.clamp(1, 3) as u8))
            .collect())
    }
}

fn is_own(name: &str) -> bool {
    [LATE_BY, EARLY_BY, STATE].contains(&name)
}

/// The columns that are the instance's, in the order in which they are given.
fn own_fields() -> impl Iterator<Item = Field> {
    let length = DataType::Duration(TimeUnit::Microsecond);
    let columns = [
        (LATE_BY, length.clone(), true),
        (EARLY_BY, length, true),
        (STATE, DataType::Utf8, false),
    ];
    columns
        .into_iter()
        .map(|(name, of, nullable)| Field::new(name, of, nullable))
}

fn unfit(error: arrow::error::ArrowError) -> Problem {
    Problem::new("AM0705", "events do not have the columns that events have").because(error)
}

impl Grade for Serious {
    fn grade(&self, let_downs: &[(&Instance, &Opening)]) -> Result<Vec<u8>> {
        let column = |(index, (_, of)): (usize, &(String, DataType))| {
            let none = Value::Null;
            let values: Vec<&Value> = let_downs
                .iter()
                .map(|(_, opening)| opening.row.get(index).unwrap_or(&none))
                .collect();
            Value::column(&values, of)
        };
        let columns = self.columns.iter().enumerate().map(column).collect();
        let micros = |instance: &Instance| {
            instance
                .late_by
                .map(|late| late.as_micros().try_into().unwrap_or(i64::MAX))
        };
        let late_by: Vec<Option<i64>> = let_downs
            .iter()
            .map(|(instance, _)| micros(instance))
            .collect();
        let states: Vec<State> = let_downs
            .iter()
            .map(|(instance, _)| instance.state)
            .collect();
        self.of(columns, &late_by, &states)
    }
}
