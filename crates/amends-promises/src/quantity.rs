//! The numbers that events give: what is measured, and the limits that it must keep to.

use amends_expressions::{Expression, Planner};
use amends_model::{Problem, Result};
use amends_project::definition::Sql;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, SchemaRef, TimeUnit};
use xxhash_rust::xxh3::xxh3_64;

use crate::compile::unplannable;

/// A number that an expression gives for each event. Days, moments and lengths count in seconds, true is 1. A text stands for a whole number made of its letters, so
/// that the same texts, and no others, are equal.
pub(crate) struct Quantity {
    expression: Expression,
    adjust: Adjust,
}

/// What is made of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Adjust {
    /// It is taken as it is; a text too.
    None,
    /// It is taken as it is, and a text is refused: nothing is more or less than a text.
    Limit,
    /// It is made greater, or less, by so much or by such a share of it; a text is not.
    By { size: f64, is_share: bool, up: bool },
}

/// By such a share two numbers may differ that were computed in different ways and are the same.
const ROUNDING: f64 = 1e-12;

impl Quantity {
    /// Plans it over the events of a kind.
    ///
    /// # Errors
    /// `AM0701` when it cannot be planned, or is no number where one is needed.
    pub(crate) fn new(
        promise: &str,
        what: &str,
        sql: &Sql,
        adjust: Adjust,
        schema: &SchemaRef,
        planner: &Planner,
    ) -> Result<Self> {
        let expression = planner
            .expression(&sql.text, schema)
            .map_err(|error| unplannable(promise, what, sql, &error))?;
        let of = expression.data_type();
        let sized = match adjust {
            Adjust::None => false,
            Adjust::Limit => true,
            Adjust::By { size, .. } => size > 0.0,
        };
        let fits = match of {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => !sized,
            DataType::Null | DataType::Boolean | DataType::Date32 => true,
            DataType::Timestamp(..) | DataType::Duration(_) => true,
            other => other.is_numeric(),
        };
        if !fits {
            let (file, line) = (sql.place.file.display(), sql.place.line);
            let message = format!("`{what}` of promise {promise:?} is no number");
            return Err(Problem::new("AM0701", message)
                .detail(format!("{:?} in {file} line {line} gives {of}", sql.text))
                .hint("let it give a number, a day or a moment"));
        }
        Ok(Self { expression, adjust })
    }

    /// The columns that it reads.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.expression.columns().iter().map(String::as_str)
    }

    /// The number of each event; none where it says nothing, or no number.
    ///
    /// # Errors
    /// `AM0203` when the expression fails for one of them.
    pub(crate) fn of(&self, batch: &RecordBatch) -> Result<Vec<Option<f64>>> {
        let column = self.expression.evaluate(batch)?;
        if let Some(texts) = texts(&column)? {
            let number = |text: &str| (xxh3_64(text.as_bytes()) >> 12) as f64;
            let texts = texts.as_string::<i32>().iter();
            return Ok(texts.map(|text| text.map(number)).collect());
        }
        let (column, unit) = match column.data_type() {
            DataType::Date32 => (as_type(&column, &DataType::Int32)?, 1.0 / DAY),
            DataType::Timestamp(unit, _) | DataType::Duration(unit) => {
                (as_type(&column, &DataType::Int64)?, seconds(*unit))
            }
            _ => (column, 1.0),
        };
        let numbers = as_type(&column, &DataType::Float64)?;
        let numbers = numbers.as_primitive::<Float64Type>().iter();
        let adjusted = |number: f64| self.adjust.of(number / unit);
        Ok(numbers
            .map(|number| number.filter(|number| !number.is_nan()).map(adjusted))
            .collect())
    }
}

impl Adjust {
    fn of(self, number: f64) -> f64 {
        match self {
            Adjust::None | Adjust::Limit => number,
            Adjust::By { size, is_share, up } => {
                let by = if is_share { size * number.abs() } else { size };
                let by = by + ROUNDING * number.abs();
                if up { number + by } else { number - by }
            }
        }
    }
}

/// The seconds of a day.
const DAY: f64 = 86_400.0;

fn seconds(unit: TimeUnit) -> f64 {
    match unit {
        TimeUnit::Second => 1.0,
        TimeUnit::Millisecond => 1e3,
        TimeUnit::Microsecond => 1e6,
        TimeUnit::Nanosecond => 1e9,
    }
}

/// A column of text; `None` where it is something else.
fn texts(column: &ArrayRef) -> Result<Option<ArrayRef>> {
    match column.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            as_type(column, &DataType::Utf8).map(Some)
        }
        _ => Ok(None),
    }
}

/// Where what each event opens stands, or whom it reaches: a whole number for each place. None where it says nothing.
///
/// # Errors
/// `AM0203` when the expression fails for an event.
pub(crate) fn places(place: &Expression, batch: &RecordBatch) -> Result<Vec<Option<i64>>> {
    let names = as_type(&place.evaluate(batch)?, &DataType::Utf8)?;
    let names = names.as_string::<i32>().iter();
    // The one number that stands for none is not the number of a place.
    let number = |name: &str| xxh3_64(name.as_bytes()).cast_signed().max(i64::MIN + 1);
    Ok(names.map(|name| name.map(number)).collect())
}

fn as_type(column: &ArrayRef, of: &DataType) -> Result<ArrayRef> {
    cast(column, of).map_err(|error| {
        Problem::new("AM0705", "events do not have the columns that events have").because(error)
    })
}
