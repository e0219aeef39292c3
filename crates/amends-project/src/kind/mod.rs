//! One source file for each kind of definition.

pub(crate) mod bound;
pub(crate) mod calendar;
pub(crate) mod column;
pub(crate) mod company;
pub(crate) mod customers;
pub(crate) mod event;
pub(crate) mod exposed;
pub(crate) mod great;
pub(crate) mod identifier;
pub(crate) mod journey;
pub(crate) mod leaving;
pub(crate) mod name;
pub(crate) mod on;
pub(crate) mod path;
pub(crate) mod promise;
pub(crate) mod promise_test;
pub(crate) mod rename;
pub(crate) mod segment;
pub(crate) mod shape;
pub(crate) mod source;
pub(crate) mod source_file;
pub(crate) mod sql;
pub(crate) mod zone;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use amends_model::money::Currency;
use amends_model::wait::Calendar;

use crate::files::Files;
use crate::read::Doubts;

/// What every kind of definition may need while it is read.
pub(crate) struct Around<'a> {
    /// The files of the project.
    pub(crate) files: &'a Files<'a>,
    /// Answers for `${NAME}` in paths.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The company's zone.
    pub(crate) zone: TimeZone,
    /// The company's currency.
    pub(crate) currency: Currency,
    /// The company's calendars by name.
    pub(crate) calendars: &'a BTreeMap<String, Calendar>,
    /// What could not be read whole.
    pub(crate) doubts: &'a Doubts,
}

impl Around<'_> {
    /// The calendar of a name. Where there is none, that is told elsewhere.
    pub(crate) fn calendar(&self, name: &str) -> Calendar {
        let found = self.calendars.get(name);
        found
            .cloned()
            .unwrap_or_else(|| Calendar::weekdays(self.zone.clone()))
    }
}
