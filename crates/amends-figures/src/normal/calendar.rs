//! The complete periods of a promise, and where they stand in the week and the year.

use amends_model::{Every, Result, Stretch, time};
use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::early::{self, Early};
use super::tally::Row;

/// So many years before what is reported nothing is looked at: a moment that was read wrongly may lie anywhere.
const YEARS: i64 = 100;

/// Periods one after the other.
pub(super) struct Calendar {
    /// All complete ones after that in which the data begins.
    pub(super) periods: Vec<Stretch>,
    /// In which the data begins; it is left out.
    pub(super) begins: Stretch,
    /// What lies long before that.
    pub(super) early: Option<Early>,
    /// The moment with which it begins, in microseconds of UTC.
    pub(super) begun: i64,
    /// Until when all is reported, in microseconds of UTC.
    pub(super) reported: i64,
    /// The first moment of each, in microseconds of UTC, and the first after the last.
    bounds: Vec<i64>,
}

impl Calendar {
    /// From the first instance to the last period that is reported to its end; a few that lie long before all others are no first ones. `None` where there are no instances.
    ///
    /// # Errors
    /// `AM0002` when a period cannot be represented.
    pub(super) fn of(
        rows: &[Row],
        every: Every,
        reported: i64,
        zone: &TimeZone,
    ) -> Result<Option<Self>> {
        let opened: Vec<i64> = rows.iter().map(|row| row.opened_at).collect();
        let earliest = opened.iter().copied().min();
        let Some(((count, begun), earliest)) = early::begins(opened).zip(earliest) else {
            return Ok(None);
        };
        let day =
            |at: i64| -> Result<_> { Ok(time::from_micros(at)?.to_zoned(zone.clone()).date()) };
        let early = match count {
            0 => None,
            count => Some(Early {
                count: count as u64,
                of: rows.len() as u64,
                first: day(earliest)?,
            }),
        };
        let begins = Stretch::containing(day(begun)?, every);
        let oldest = day(reported)?.saturating_sub(YEARS.years());
        let mut periods = Vec::new();
        let mut bounds = Vec::new();
        let mut next = begins.next().max(Stretch::containing(oldest, every));
        while next.first_day() < next.day_after() {
            let (from, until) = next.bounds(zone)?;
            let until = time::micros(until);
            if until > reported {
                break;
            }
            if bounds.is_empty() {
                bounds.push(time::micros(from));
            }
            bounds.push(until);
            periods.push(next);
            next = next.next();
        }
        Ok(Some(Self {
            periods,
            begins,
            early,
            begun,
            reported,
            bounds,
        }))
    }

    /// These, of which nothing is asked but where they stand.
    pub(super) fn given(periods: Vec<Stretch>, begins: Stretch) -> Self {
        Self {
            periods,
            begins,
            early: None,
            begun: i64::MIN,
            reported: i64::MIN,
            bounds: Vec::new(),
        }
    }

    /// The place of the period in which a moment lies: below 0 before the first, the number of periods or more after the last.
    pub(super) fn place(&self, at: i64) -> i64 {
        self.bounds.partition_point(|bound| *bound <= at) as i64 - 1
    }

    /// Where each period stands in the week, from Monday, and in the year, from January: a week by its Thursday.
    pub(super) fn places(&self) -> Places {
        let days = self.periods.iter().map(|period| period.first_day());
        let month = |period: &Stretch| {
            let middle = match period.every() {
                Every::Week => period.first_day().saturating_add(3.days()),
                Every::Day | Every::Month => period.first_day(),
            };
            middle.month().unsigned_abs() - 1
        };
        Places {
            week: days
                .map(|day| day.weekday().to_monday_zero_offset().unsigned_abs())
                .collect(),
            year: self.periods.iter().map(month).collect(),
        }
    }
}

/// Where periods stand in the week and the year.
pub(super) struct Places {
    /// From Monday.
    pub(super) week: Vec<u8>,
    /// From January.
    pub(super) year: Vec<u8>,
}
