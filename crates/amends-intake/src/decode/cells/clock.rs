//! From civil time to UTC, quickly: most days have one offset from midnight to midnight.

use amends_model::time::{self, Note};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::date::days;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Days remembered at once: more than ten years of them.
const SLOTS: usize = 4096;

/// A moment as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instant {
    /// Microseconds of UTC since 1970.
    pub(crate) micros: i64,
    /// Seconds east of UTC.
    pub(crate) offset: i32,
    /// Whether the text itself told the offset.
    pub(crate) own_offset: bool,
    /// A gap or a fold.
    pub(crate) note: Option<Note>,
}

impl Instant {
    /// A civil time with an offset of its own.
    pub(crate) fn with_offset(civil: i64, offset: i32) -> Self {
        Self {
            micros: civil - i64::from(offset) * SECOND,
            offset,
            own_offset: true,
            note: None,
        }
    }
}

/// One zone, with the offsets of days looked up before.
pub(crate) struct Clock {
    zone: TimeZone,
    /// Day and offset; no offset for a day on which the clocks changed. A slot's day is never another slot's.
    slots: Vec<(i32, Option<i32>)>,
}

impl Clock {
    /// A clock in a zone.
    pub(crate) fn new(zone: &TimeZone) -> Self {
        Self {
            zone: zone.clone(),
            slots: vec![(i32::MIN, None); SLOTS],
        }
    }

    /// The instant of a civil time, given as microseconds that a clock which never changed would count; `None` beyond the years that can be told.
    pub(crate) fn instant(&mut self, civil: i64) -> Option<Instant> {
        let day = i32::try_from(civil.div_euclid(DAY)).ok()?;
        if let Some(offset) = self.offset(day) {
            return Some(Instant {
                micros: civil - i64::from(offset) * SECOND,
                offset,
                own_offset: false,
                note: None,
            });
        }
        let (moment, note) = time::instant(datetime(civil)?, &self.zone).ok()?;
        Some(Instant {
            micros: moment.as_microsecond(),
            offset: self.zone.to_offset(moment).seconds(),
            own_offset: false,
            note,
        })
    }

    /// Seconds east of UTC at an instant, and whether the clock showed its time twice.
    pub(crate) fn shown(&mut self, micros: i64) -> Option<(i32, Option<Note>)> {
        let moment = Timestamp::from_microsecond(micros).ok()?;
        // The civil day is most often that of UTC or its neighbour: only a day of one offset answers.
        let near = i32::try_from(micros.div_euclid(DAY)).ok()?;
        for day in [near, near - 1, near + 1] {
            if let Some(offset) = self.offset(day)
                && (micros + i64::from(offset) * SECOND).div_euclid(DAY) == i64::from(day)
            {
                return Some((offset, None));
            }
        }
        let offset = self.zone.to_offset(moment);
        let fold = matches!(
            self.zone
                .to_ambiguous_timestamp(offset.to_datetime(moment))
                .offset(),
            AmbiguousOffset::Fold { .. }
        );
        Some((offset.seconds(), fold.then_some(Note::Fold)))
    }

    /// The offset of a whole civil day; `None` when the clocks changed on it.
    fn offset(&mut self, day: i32) -> Option<i32> {
        let slot = day.rem_euclid(SLOTS as i32) as usize;
        if self.slots[slot].0 != day {
            self.slots[slot] = (day, self.whole_day(day));
        }
        self.slots[slot].1
    }

    fn whole_day(&self, day: i32) -> Option<i32> {
        let start = datetime(i64::from(day) * DAY)?;
        let end = datetime((i64::from(day) + 1) * DAY)?;
        let (start, first) = self.certain(start)?;
        let (end, last) = self.certain(end)?;
        let changes = self
            .zone
            .following(start)
            .next()
            .is_some_and(|change| change.timestamp() < end);
        (first == last && !changes).then_some(first)
    }

    fn certain(&self, civil: DateTime) -> Option<(Timestamp, i32)> {
        let ambiguous = self.zone.to_ambiguous_timestamp(civil);
        let AmbiguousOffset::Unambiguous { offset } = ambiguous.offset() else {
            return None;
        };
        Some((offset.to_timestamp(civil).ok()?, offset.seconds()))
    }
}

/// The civil time of microseconds that a clock which never changed would count.
fn datetime(civil: i64) -> Option<DateTime> {
    let moment = Timestamp::from_microsecond(civil).ok()?;
    let datetime = jiff::tz::Offset::UTC.to_datetime(moment);
    debug_assert_eq!(i64::from(days(datetime.date())), civil.div_euclid(DAY));
    Some(datetime)
}

#[cfg(test)]
mod tests {
    use amends_testkit::proptest::prelude::*;

    use super::super::moment::civil_micros;
    use super::*;

    #[test]
    fn gaps_and_folds_are_noted() {
        let mut clock = Clock::new(&time::zone("America/Sao_Paulo").unwrap());
        let mut read = |civil: &str| clock.instant(civil_micros(civil.parse().unwrap())).unwrap();
        assert_eq!(read("2017-10-15T00:30:00").note, Some(Note::Gap));
        assert_eq!(read("2018-02-17T23:30:00").note, Some(Note::Fold));
        assert_eq!(read("2018-02-17T22:30:00").note, None);
        assert_eq!(read("2018-02-17T22:30:00").offset, -7200);
    }

    proptest! {
        #[test]
        fn the_quick_way_is_the_long_way(
            seconds in -5_000_000_000i64..5_000_000_000,
            name in "America/Sao_Paulo|Europe/Vienna|UTC|Asia/Kathmandu|Australia/Lord_Howe|Africa/Casablanca|Pacific/Apia",
        ) {
            let zone = time::zone(&name).unwrap();
            let mut clock = Clock::new(&zone);
            let civil = datetime(seconds * SECOND).unwrap();
            let (expected, note) = time::instant(civil, &zone).unwrap();
            for _ in 0..2 {
                let instant = clock.instant(seconds * SECOND).unwrap();
                prop_assert_eq!(instant.micros, expected.as_microsecond());
                prop_assert_eq!(instant.note, note);
                prop_assert_eq!(instant.offset, zone.to_offset(expected).seconds());
            }
            let (offset, _) = clock.shown(expected.as_microsecond()).unwrap();
            prop_assert_eq!(offset, zone.to_offset(expected).seconds());
        }
    }
}
