//! The moments that a property of events names: as days, moments, or texts that say one of them.

use std::collections::HashMap;

use amends_model::{Problem, Result, time};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};

use crate::bound::Bound;

/// The moment that each row names for a bound, in microseconds of UTC; none where it names none, or none that can be read.
///
/// For a bound that is told by the day, that is the day, in the promise's zone, in which a moment lies. For one that is told as a
/// moment, a day stands for its first instant.
///
/// # Errors
/// `AM0701` when the property is neither a day, a moment nor text.
pub(crate) fn moments(
    property: &str,
    column: &ArrayRef,
    bound: &Bound,
) -> Result<Vec<Option<i64>>> {
    let mut days = Days {
        bound,
        known: HashMap::new(),
    };
    Ok(match column.data_type() {
        DataType::Date32 => {
            let column = column.as_primitive::<Date32Type>().iter();
            column.map(|day| days.of_day(civil(day?)?)).collect()
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let column = column.as_primitive::<TimestampMicrosecondType>().iter();
            column.map(|moment| days.of_moment(moment?)).collect()
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

/// Days, each asked of the zone once.
struct Days<'a> {
    bound: &'a Bound,
    known: HashMap<Date, Option<i64>>,
}

impl Days<'_> {
    fn of_day(&mut self, day: Date) -> Option<i64> {
        let bound = self.bound;
        let set = || Some(bound.before(bound.of_day(day)?));
        *self.known.entry(day).or_insert_with(set)
    }

    fn of_moment(&mut self, micros: i64) -> Option<i64> {
        if !self.bound.is_by_day() {
            return Some(self.bound.before(micros));
        }
        let moment = time::from_micros(micros).ok()?;
        self.of_day(self.bound.zone().to_datetime(moment).date())
    }

    fn text(&mut self, text: &str) -> Option<i64> {
        if text.len() == 10 {
            return self.of_day(text.parse().ok()?);
        }
        if let Ok(moment) = text.parse::<Timestamp>() {
            return self.of_moment(time::micros(moment));
        }
        let civil: DateTime = text.parse().ok()?;
        let (moment, _) = time::instant(civil, self.bound.zone()).ok()?;
        self.of_moment(time::micros(moment))
    }
}
