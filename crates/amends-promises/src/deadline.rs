//! The deadlines that a property of events names: days, moments, or texts that say one of them.

use std::collections::HashMap;

use amends_model::{Problem, Result, time};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};

use crate::terms::Terms;

/// The deadline that each row names, in microseconds of UTC; none where it names none, or none that can be read.
///
/// For a promise that is due on a day, that is the end of the day, in the promise's zone, in which a moment lies. For a promise
/// that is due at a moment, a day stands for its first instant.
///
/// # Errors
/// `AM0701` when the property is neither a day, a moment nor text.
pub(crate) fn deadlines(
    property: &str,
    column: &ArrayRef,
    terms: &Terms,
) -> Result<Vec<Option<i64>>> {
    let mut days = Days {
        terms,
        known: HashMap::new(),
    };
    Ok(match column.data_type() {
        DataType::Date32 => {
            let column = column.as_primitive::<Date32Type>().iter();
            column.map(|day| days.end(civil(day?)?)).collect()
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let column = column.as_primitive::<TimestampMicrosecondType>().iter();
            column.map(|moment| days.moment(moment?)).collect()
        }
        DataType::Utf8 => {
            let column = column.as_string::<i32>().iter();
            column.map(|text| days.text(text?.trim())).collect()
        }
        DataType::Null => vec![None; column.len()],
        other => {
            return Err(
                Problem::new("AM0701", "a deadline is neither a day nor a moment")
                    .detail(format!("property {property:?} is {other}"))
                    .hint("declare the property's column as a date or a timestamp in the source"),
            );
        }
    })
}

fn civil(days: i32) -> Option<Date> {
    let epoch = date(1970, 1, 1);
    epoch
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

/// Ends of days, each asked of the zone once.
struct Days<'a> {
    terms: &'a Terms,
    known: HashMap<Date, i64>,
}

impl Days<'_> {
    fn end(&mut self, day: Date) -> Option<i64> {
        let terms = self.terms;
        Some(*self.known.entry(day).or_insert_with(|| terms.day(day)))
    }

    fn moment(&mut self, micros: i64) -> Option<i64> {
        if !self.terms.ends_days() {
            return Some(micros);
        }
        let moment = time::from_micros(micros).ok()?;
        self.end(self.terms.zone().to_datetime(moment).date())
    }

    fn text(&mut self, text: &str) -> Option<i64> {
        if text.len() == 10 {
            return self.end(text.parse().ok()?);
        }
        if let Ok(moment) = text.parse::<Timestamp>() {
            return self.moment(time::micros(moment));
        }
        let civil: DateTime = text.parse().ok()?;
        let (moment, _) = time::instant(civil, self.terms.zone()).ok()?;
        self.moment(time::micros(moment))
    }
}
