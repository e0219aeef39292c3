//! Cells become Arrow columns of the declared types; rows whose cells do not fit are set aside.

use std::sync::Arc;

use amends_model::event::moment_type;
use amends_model::time::Note;
use amends_model::{Problem, Result};
use amends_project::definition::{ColumnRule, ColumnType};
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use jiff::tz::TimeZone;

use super::cells::{self, Clock, Shape};
use super::grid::Grid;
use super::{Decoded, LINE};
use crate::failure::Failure;

/// Field metadata that names the currency of a column of money.
pub(crate) const CURRENCY: &str = "currency";
/// Field metadata of a column of months.
pub(crate) const MONTH: &str = "month";

/// What a moment's own text said about it, where that is more than its zone tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The line of the record.
    pub(crate) line: i64,
    /// The column.
    pub(crate) column: Arc<str>,
    /// Seconds east of UTC.
    pub(crate) offset: i32,
    /// A gap or a fold.
    pub(crate) note: Option<Note>,
}

/// The columns wanted of a file.
pub(crate) struct Columns {
    columns: Vec<Column>,
    schema: SchemaRef,
}

struct Column {
    name: Arc<str>,
    /// Its place among the cells of a record.
    place: usize,
    kind: ColumnType,
    shape: Shape,
    clock: Option<Clock>,
}

impl Columns {
    /// Columns by name and place, with the rules of those that are not text.
    pub(crate) fn new<'a>(
        wanted: impl Iterator<Item = (&'a str, usize, Option<&'a ColumnRule>)>,
        zone: &TimeZone,
    ) -> Self {
        let mut fields = vec![Field::new(LINE, DataType::Int64, false)];
        let columns: Vec<_> = wanted
            .map(|(name, place, rule)| {
                let kind = rule.map_or(ColumnType::Text, |rule| rule.kind);
                fields.push(field(name, kind));
                Column {
                    name: name.into(),
                    place,
                    kind,
                    shape: Shape::of(rule.and_then(|rule| rule.format.as_deref())),
                    clock: (kind == ColumnType::Timestamp).then(|| Clock::new(zone)),
                }
            })
            .collect();
        Self {
            columns,
            schema: Arc::new(Schema::new(fields)),
        }
    }

    /// The columns, `_line` first.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Reads the cells of a grid.
    ///
    /// # Errors
    /// `AM0509` when the columns do not become a batch, which is a mistake of ours.
    pub(crate) fn read(&mut self, mut grid: Grid) -> Result<Decoded> {
        set_aside_unreadable(&mut grid, &self.columns);
        let mut reading = Reading {
            grid: &grid,
            faults: Vec::new(),
            remarks: Vec::new(),
        };
        let lines = grid.rows.iter().map(|row| row.line);
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(Int64Array::from_iter_values(lines))];
        for column in &mut self.columns {
            arrays.push(reading.column(column)?);
        }
        let Reading {
            faults, remarks, ..
        } = reading;
        let mut batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(ours)?;
        let mut failures = std::mem::take(&mut grid.failures);
        if !faults.is_empty() {
            let mut keep = vec![true; grid.rows.len()];
            for (row, failure) in faults {
                if std::mem::replace(&mut keep[row], false) {
                    failures.push(failure.raw(grid.raw(row)));
                }
            }
            batch = filter_record_batch(&batch, &BooleanArray::from(keep)).map_err(ours)?;
        }
        failures.sort_by_key(|failure| failure.line);
        Ok(Decoded {
            batch,
            failures,
            remarks,
        })
    }
}

/// The Arrow field of a declared type.
pub(crate) fn field(name: &str, kind: ColumnType) -> Field {
    let of = match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Integer | ColumnType::Money(_) => DataType::Int64,
        ColumnType::Number => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date | ColumnType::Month => DataType::Date32,
        ColumnType::Timestamp | ColumnType::EpochSeconds | ColumnType::EpochMillis => moment_type(),
    };
    let field = Field::new(name, of, true);
    let said = match kind {
        ColumnType::Money(currency) => (CURRENCY.to_owned(), currency.to_string()),
        ColumnType::Month => (MONTH.to_owned(), String::new()),
        _ => return field,
    };
    field.with_metadata([said].into())
}

fn ours(error: arrow::error::ArrowError) -> Problem {
    Problem::new("AM0509", "a table cannot be put together").because(error)
}

/// Sets aside rows that are no text.
fn set_aside_unreadable(grid: &mut Grid, columns: &[Column]) {
    let nul = memchr::memchr(0, &grid.text).is_some();
    if !nul && std::str::from_utf8(&grid.text).is_ok() {
        return;
    }
    grid.set_aside(|grid, row| {
        let line = grid.rows[row].line;
        let raw = grid.raw(row);
        let (code, reason) = if std::str::from_utf8(raw).is_err() {
            ("AM0522", "bytes that are not text in the encoding declared")
        } else if memchr::memchr(0, raw).is_some() {
            ("AM0523", "a NUL character")
        } else {
            return None;
        };
        let failure = Failure::new(line, code, reason);
        let to_blame = columns.iter().find(|column| {
            let cell = grid.cell(row, column.place);
            std::str::from_utf8(cell).is_err() || memchr::memchr(0, cell).is_some()
        });
        Some(match to_blame {
            Some(column) => failure.column(&*column.name),
            None => failure,
        })
    });
}

struct Reading<'a> {
    grid: &'a Grid,
    faults: Vec<(usize, Failure)>,
    remarks: Vec<Remark>,
}

impl Reading<'_> {
    fn column(&mut self, column: &mut Column) -> Result<ArrayRef> {
        Ok(match column.kind {
            ColumnType::Text => Arc::new(self.texts(column)?),
            ColumnType::Integer => Arc::new(Int64Array::from(
                self.values(column, |cell, _| cells::integer(cell)),
            )),
            ColumnType::Number => Arc::new(Float64Array::from(
                self.values(column, |cell, _| cells::number(cell)),
            )),
            ColumnType::Boolean => Arc::new(BooleanArray::from(
                self.values(column, |cell, _| cells::boolean(cell)),
            )),
            ColumnType::Date => Arc::new(Date32Array::from(self.values(column, cells::date))),
            ColumnType::Month => Arc::new(Date32Array::from(self.values(column, cells::month))),
            ColumnType::Money(currency) => {
                Arc::new(Int64Array::from(self.values(column, |cell, _| {
                    cells::minor_units(cell, currency.digits())
                })))
            }
            ColumnType::EpochSeconds => {
                moments(self.values(column, |cell, _| cells::epoch(cell, 6)))
            }
            ColumnType::EpochMillis => {
                moments(self.values(column, |cell, _| cells::epoch(cell, 3)))
            }
            ColumnType::Timestamp => self.timestamps(column),
        })
    }

    /// Each cell's value; a cell of spaces only is as empty as one without any.
    fn values<T>(
        &mut self,
        column: &Column,
        mut read: impl FnMut(&[u8], &Shape) -> Option<T>,
    ) -> Vec<Option<T>> {
        let mut values = Vec::with_capacity(self.grid.rows.len());
        for row in 0..self.grid.rows.len() {
            let cell = self.grid.cell(row, column.place).trim_ascii();
            let value = if cell.is_empty() {
                None
            } else {
                let value = read(cell, &column.shape);
                if value.is_none() {
                    self.fault(row, column);
                }
                value
            };
            values.push(value);
        }
        values
    }

    fn timestamps(&mut self, column: &mut Column) -> ArrayRef {
        let Some(mut clock) = column.clock.take() else {
            return moments(vec![None; self.grid.rows.len()]);
        };
        let instants = self.values(column, |cell, shape| cells::moment(cell, shape, &mut clock));
        column.clock = Some(clock);
        for (row, instant) in instants.iter().enumerate() {
            if let Some(instant) = instant
                && (instant.own_offset || instant.note.is_some())
            {
                self.remarks.push(Remark {
                    line: self.grid.rows[row].line,
                    column: column.name.clone(),
                    offset: instant.offset,
                    note: instant.note,
                });
            }
        }
        let micros = instants.into_iter().map(|instant| Some(instant?.micros));
        moments(micros.collect())
    }

    fn texts(&self, column: &Column) -> Result<StringArray> {
        let grid = self.grid;
        let cells = (0..grid.rows.len()).map(|row| grid.cell(row, column.place));
        let size = cells.clone().map(<[u8]>::len).sum();
        let mut values = Vec::with_capacity(size);
        let mut offsets = Vec::with_capacity(grid.rows.len() + 1);
        let mut there = Vec::with_capacity(grid.rows.len());
        offsets.push(0i32);
        for cell in cells {
            values.extend_from_slice(cell);
            offsets.push(values.len() as i32);
            there.push(!cell.is_empty());
        }
        let nulls = NullBuffer::from(there);
        let nulls = (nulls.null_count() > 0).then_some(nulls);
        StringArray::try_new(
            OffsetBuffer::new(offsets.into()),
            Buffer::from_vec(values),
            nulls,
        )
        .map_err(ours)
    }

    fn fault(&mut self, row: usize, column: &Column) {
        let failure = Failure::new(self.grid.rows[row].line, "AM0525", expected(column))
            .column(&*column.name);
        self.faults.push((row, failure));
    }
}

fn moments(micros: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
}

/// What was expected of a cell, without what stood there.
fn expected(column: &Column) -> String {
    let format = |iso: &str| match &column.shape {
        Shape::Iso => iso.to_owned(),
        Shape::DateSpaceTime(format) | Shape::Format(format) => format!("{format:?}"),
    };
    match column.kind {
        ColumnType::Text => "not text".to_owned(),
        ColumnType::Integer => "not a whole number".to_owned(),
        ColumnType::Number => "not a number with a decimal point".to_owned(),
        ColumnType::Boolean => "not one of true/false, yes/no, t/f, y/n, 1/0".to_owned(),
        ColumnType::Date => format!("not a date as {}", format("2018-03-01")),
        ColumnType::Month => format!("not a month as {}", format("2018-03")),
        ColumnType::Timestamp => {
            format!("not a moment as {}", format("2018-03-01T10:00:00"))
        }
        ColumnType::EpochSeconds => "not seconds since 1970".to_owned(),
        ColumnType::EpochMillis => "not milliseconds since 1970".to_owned(),
        ColumnType::Money(currency) => format!(
            "not an amount of {currency}: digits, a point, at most {} decimals",
            currency.digits()
        ),
    }
}
