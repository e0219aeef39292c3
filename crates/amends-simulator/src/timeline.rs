//! The company's clock: its days in its zone, its reporting months, the hours of its help desk, and from when until when what is planted shows.

use amends_model::{Result, time};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use crate::Settings;
use crate::civil::{DAY, HOUR, date_of, day_of};
use crate::plant::{Plant, Plants};

/// The zone in which the company lives.
pub const ZONE: &str = "Europe/Vienna";

/// The first day of the simulated time.
pub const START: Date = date(2024, 1, 1);

/// The first day on which the company had customers.
const FOUNDED: Date = date(2022, 7, 1);

/// Days of the year, as month and day, on which the help desk is closed whatever the weekday.
const HOLIDAYS: [(i64, i64); 5] = [(1, 1), (5, 1), (10, 26), (12, 25), (12, 26)];

/// How long the help desk is open on a working day, from nine in the morning.
const DESK_OPENS: i64 = 9 * HOUR;
const DESK_IS_OPEN: i64 = 8 * HOUR;

/// What is still told of days after the horizon: periods that run on, parcels on their way.
const DAYS_BEYOND: i64 = 420;

/// One day in the company's zone.
struct Day {
    /// Its first instant.
    midnight: i64,
    /// Seconds east of UTC when it begins.
    before: i64,
    /// From here on `after` holds: the day's end where the clocks stay as they are.
    switch: i64,
    /// Seconds east of UTC when it ends.
    after: i64,
}

/// The simulated time. All moments are seconds since 1970, all days counted from 1970.
pub(crate) struct Timeline {
    /// From when on people could join.
    pub(crate) founded: i64,
    /// From when on orders and tickets are in the exports.
    pub(crate) start: i64,
    /// The end of the simulated time: every source has reported everything before it, and nothing after.
    pub(crate) horizon: i64,
    /// The first instants of the reporting months, and at last the horizon.
    pub(crate) months: Vec<i64>,
    /// The first midnight of what is planted, and the first one after it, by plant.
    spans: [(i64, i64); Plant::ALL.len()],
    first_day: i64,
    days: Vec<Day>,
    /// When the help desk opens, day by working day.
    openings: Vec<i64>,
}

impl Timeline {
    /// The time that the settings ask for.
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let zone = time::zone(ZONE)?;
        let ends = horizon_day(settings.months);
        let (first_day, start_day) = (number_of(FOUNDED), number_of(START));
        let days = (first_day..ends + DAYS_BEYOND)
            .map(|day| day_in(day, &zone))
            .collect::<Result<Vec<_>>>()?;
        let midnight = |day: i64| days[(day - first_day) as usize].midnight;
        let months = (0..=i64::from(settings.months))
            .map(|months| midnight(first_of_month(months)))
            .collect();
        let openings = (start_day..ends + DAYS_BEYOND)
            .filter(|day| is_working_day(*day))
            .map(|day| {
                let day = &days[(day - first_day) as usize];
                day.midnight + DESK_OPENS + day.before - day.after
            })
            .collect();
        let of_span = |(part, of_week): (i64, i64), from: i64| {
            let day = start_day + (ends - start_day) * part / 1_000;
            weekday_from(day.max(from), of_week)
        };
        let spans = Plant::ALL.map(|plant| {
            let (first, after) = plant.span();
            let first = of_span(first, start_day);
            let after = after.map(|after| midnight(of_span(after, first + 1)));
            (midnight(first), after.unwrap_or(i64::MAX))
        });
        let (founded, start, horizon) = (midnight(first_day), midnight(start_day), midnight(ends));
        Ok(Self {
            founded,
            start,
            horizon,
            months,
            spans,
            first_day,
            days,
            openings,
        })
    }

    /// The first instant of a day.
    pub(crate) fn midnight(&self, day: i64) -> i64 {
        self.day(day).midnight
    }

    /// The moment that the clock shows so many seconds after midnight, for times that the clock shows once: not between two and three at night.
    pub(crate) fn at(&self, day: i64, clock: i64) -> i64 {
        let day = self.day(day);
        let moment = day.midnight + clock;
        if moment < day.switch {
            moment
        } else {
            moment + day.before - day.after
        }
    }

    /// The day in which a moment lies, and what the clock shows then, in seconds after midnight.
    pub(crate) fn day_and_clock(&self, moment: i64) -> (i64, i64) {
        let local = moment + self.offset(moment);
        (local.div_euclid(DAY), local.rem_euclid(DAY))
    }

    /// Seconds east of UTC at a moment.
    pub(crate) fn offset(&self, moment: i64) -> i64 {
        let guess = moment.div_euclid(DAY) + 1;
        let day = if self.midnight(guess) <= moment {
            guess
        } else {
            guess - 1
        };
        let day = self.day(day);
        if moment < day.switch {
            day.before
        } else {
            day.after
        }
    }

    /// When what is planted begins, and when it is over: at midnights. What goes on has no end.
    pub(crate) fn span(&self, plant: Plant) -> (i64, Option<i64>) {
        let (first, after) = self.spans[plant as usize];
        (first, Some(after).filter(|after| *after < i64::MAX))
    }

    /// Whether what is planted shows at a moment, and the company has it.
    pub(crate) fn shows(&self, plants: &Plants, plant: Plant, at: i64) -> bool {
        let (first, after) = self.spans[plant as usize];
        plants.has(plant) && first <= at && at < after
    }

    /// The number of the reporting month in which a moment lies; `None` before the first and after the last.
    pub(crate) fn month(&self, moment: i64) -> Option<usize> {
        let begun = self.months.partition_point(|first| *first <= moment);
        (1..self.months.len()).contains(&begun).then(|| begun - 1)
    }

    /// When the help desk has been open for so many seconds since a moment.
    ///
    /// Every working day is open equally long, so whole days are jumped over.
    pub(crate) fn desk_time_after(&self, moment: i64, open: i64) -> i64 {
        let next = self
            .openings
            .partition_point(|opens| opens + DESK_IS_OPEN <= moment);
        let passed = |index: usize| (moment - self.openings[index]).max(0);
        let last = self.openings.len() - 1;
        let total = passed(next.min(last)) + open.max(1) - 1;
        let index = (next + (total / DESK_IS_OPEN) as usize).min(last);
        self.openings[index] + total % DESK_IS_OPEN + 1
    }

    fn day(&self, day: i64) -> &Day {
        let index = (day - self.first_day).clamp(0, self.days.len() as i64 - 1);
        &self.days[index as usize]
    }
}

/// The day on which the horizon lies: the first one after the last simulated month.
pub(crate) fn horizon_day(months: u32) -> i64 {
    first_of_month(i64::from(months))
}

/// Every day that the help desk is closed although it is no weekend, up to the year after the horizon.
pub(crate) fn holidays(months: u32) -> Vec<i64> {
    let last = date_of(horizon_day(months)).0;
    (i64::from(START.year())..=last)
        .flat_map(|year| HOLIDAYS.map(|(month, day)| day_of(year, month, day)))
        .collect()
}

fn first_of_month(months: i64) -> i64 {
    let month = i64::from(START.month()) - 1 + months;
    day_of(i64::from(START.year()) + month / 12, month % 12 + 1, 1)
}

fn number_of(day: Date) -> i64 {
    day_of(day.year().into(), day.month().into(), day.day().into())
}

/// 0 is Monday: the first of January 1970 was a Thursday.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// The first such day of the week from a day on.
fn weekday_from(day: i64, of_week: i64) -> i64 {
    day + (of_week - weekday(day)).rem_euclid(7)
}

fn is_working_day(day: i64) -> bool {
    let (_, month, of_month) = date_of(day);
    weekday(day) < 5 && !HOLIDAYS.contains(&(month, of_month))
}

fn day_in(day: i64, zone: &TimeZone) -> Result<Day> {
    let start = |day: i64| -> Result<i64> {
        let (year, month, of_month) = date_of(day);
        let date = date(year as i16, month as i8, of_month as i8);
        Ok(time::start_of_day(date, zone)?.as_second())
    };
    let (midnight, end) = (start(day)?, start(day + 1)?);
    let offset = |moment: i64| -> Result<i64> {
        let moment = time::from_micros(moment * 1_000_000)?;
        Ok(offset_of(zone, moment))
    };
    let (before, after) = (offset(midnight)?, offset(end - 1)?);
    let (mut low, mut switch) = (midnight, end);
    while before != after && low + 1 < switch {
        let middle = low + (switch - low) / 2;
        if offset(middle)? == before {
            low = middle;
        } else {
            switch = middle;
        }
    }
    Ok(Day {
        midnight,
        before,
        switch,
        after,
    })
}

fn offset_of(zone: &TimeZone, moment: Timestamp) -> i64 {
    i64::from(zone.to_offset(moment).seconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use amends_model::wait::{Calendar, Wait};

    fn timeline() -> Timeline {
        Timeline::new(&Settings::new(1, 24, 1)).unwrap()
    }

    #[test]
    fn local_time_agrees_with_the_zone() {
        let (timeline, zone) = (timeline(), time::zone(ZONE).unwrap());
        for moment in (timeline.founded..timeline.horizon + 40 * DAY).step_by(1_777) {
            let instant = Timestamp::from_second(moment).unwrap();
            assert_eq!(timeline.offset(moment), offset_of(&zone, instant));
            let (day, clock) = timeline.day_and_clock(moment);
            if !(2 * HOUR..3 * HOUR).contains(&clock) {
                assert_eq!(timeline.at(day, clock), moment);
            }
        }
    }

    #[test]
    fn desk_hours_agree_with_the_calendar_of_the_definitions() {
        let timeline = timeline();
        let mut calendar = Calendar::weekdays(time::zone(ZONE).unwrap());
        for day in holidays(24) {
            let (year, month, of_month) = date_of(day);
            let holiday = date(year as i16, month as i8, of_month as i8);
            calendar.holidays.insert(holiday);
        }
        let wait = Wait::parse("8 opening hours").unwrap();
        for moment in (timeline.start..timeline.horizon).step_by(7_200 - 1) {
            let instant = Timestamp::from_second(moment).unwrap();
            let due = wait.after(instant, &calendar).unwrap().as_second();
            assert_eq!(timeline.desk_time_after(moment, 8 * HOUR), due, "{instant}");
        }
    }

    #[test]
    fn what_is_planted_begins_within_the_simulated_time_however_short_that_is() {
        for months in [1, 2, 10, 24, 60] {
            let timeline = Timeline::new(&Settings::new(1, months, 1)).unwrap();
            for plant in Plant::ALL {
                let (first, after) = timeline.span(plant);
                assert!(first < timeline.horizon, "{plant:?} {months}");
                assert_eq!(weekday(timeline.day_and_clock(first).0), plant.span().0.1);
                let shows = |plants: &Plants, at| timeline.shows(plants, plant, at);
                assert!(shows(&Plants::one(plant), first) && !shows(&Plants::none(), first));
                assert!(!shows(&Plants::all(), first - 1));
                assert!(after.is_none_or(|after| first < after && !shows(&Plants::all(), after)));
            }
        }
    }

    #[test]
    fn months_follow_the_zone_and_end_at_the_horizon() {
        let timeline = timeline();
        assert_eq!(timeline.months.len(), 25);
        assert_eq!(timeline.start, 1_704_063_600); // 2023-12-31T23:00:00Z
        assert_eq!(timeline.month(timeline.start - 1), None);
        assert_eq!(timeline.month(timeline.start), Some(0));
        assert_eq!(timeline.month(timeline.horizon - 1), Some(23));
        assert_eq!(timeline.month(timeline.horizon), None);
    }
}
