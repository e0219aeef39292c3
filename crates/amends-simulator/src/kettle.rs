//! Kettles that brew at an hour that one sets: each hangs on an exchange, and with it falls silent.

use crate::Settings;
use crate::civil::{DAY, HOUR};
use crate::dice::{Dice, Part};
use crate::plant::{FRACTURED_EXCHANGE, Plant, Plants};
use crate::promise::{Promise, Standing};
use crate::timeline::{Timeline, weekday};

/// Customers, in ten thousand, who have a kettle, and of these so many who move to another exchange.
const HAVE_ONE: u64 = 1_500;
const MOVE: u64 = 1_000;

/// Where kettles hang.
pub(crate) const EXCHANGES: [&str; 6] = [
    "Quarry Bank",
    FRACTURED_EXCHANGE,
    "Linnet Hill",
    "Old Ferry",
    "Bellwether",
    "Nettle Yard",
];

/// The hours of the day between which the exchange is down.
const DOWN: (i64, i64) = (10 * HOUR, 19 * HOUR);

/// The kettle of one customer.
pub(crate) struct Kettle {
    exchange: &'static str,
    /// When it moves to another one.
    moves: Option<(i64, &'static str)>,
    /// At which second of a Monday it reports.
    reports: i64,
}

/// A kettle's week on the line.
pub(crate) struct Week {
    /// When it reported.
    pub(crate) reported: i64,
    /// On which exchange.
    pub(crate) exchange: &'static str,
    /// When it moved during the week, and where to.
    pub(crate) moved: Option<(i64, &'static str)>,
    /// How the promise stands at the horizon.
    pub(crate) standing: Standing,
    /// Whether somebody complained that it was dead.
    pub(crate) is_complained_of: bool,
    /// Whether it hung on the exchange that was down, then.
    was_reached: bool,
}

impl Week {
    /// Through which planted flaw it fell.
    pub(crate) fn place(&self, plants: &Plants) -> Option<Plant> {
        (self.was_reached && plants.has(Plant::Outage)).then_some(Plant::Outage)
    }
}

/// When the exchange goes down, and when it is back.
pub(crate) fn outage(timeline: &Timeline) -> (i64, i64) {
    let (day, _) = timeline.day_and_clock(timeline.span(Plant::Outage).0);
    (timeline.at(day, DOWN.0), timeline.at(day, DOWN.1))
}

impl Kettle {
    /// Draws whether somebody has a kettle, and where it hangs.
    pub(crate) fn draw(settings: &Settings, timeline: &Timeline, number: u64) -> Option<Self> {
        let mut dice = Dice::new(settings.seed, number, Part::Kettle);
        let has_one = settings.all_systems && dice.chance(HAVE_ONE);
        let (exchange, other) = (dice.pick(&EXCHANGES), dice.pick(&EXCHANGES));
        let (moves, at) = (
            dice.chance(MOVE),
            dice.between(timeline.start, timeline.horizon),
        );
        has_one.then_some(Self {
            exchange,
            moves: (moves && other != exchange).then_some((at, other)),
            reports: dice.between(4 * HOUR, 8 * HOUR),
        })
    }

    /// The weeks that begin between two moments.
    pub(crate) fn weeks(
        &self,
        settings: &Settings,
        timeline: &Timeline,
        (from, until): (i64, i64),
    ) -> Vec<Week> {
        let (first, _) = timeline.day_and_clock(from);
        let mut monday = first + (7 - weekday(first)) % 7;
        if timeline.at(monday, self.reports) < from {
            monday += 7;
        }
        let days = (monday..).step_by(7);
        let mut reports = days.map(|day| (day, timeline.at(day, self.reports)));
        let mut weeks = Vec::new();
        while let Some((day, reported)) = reports.next().filter(|(_, at)| *at < until) {
            weeks.push(self.week(settings, timeline, day, reported));
        }
        weeks
    }

    fn week(&self, settings: &Settings, timeline: &Timeline, day: i64, reported: i64) -> Week {
        let ends = timeline.at(day + 7, self.reports);
        let (down, _) = outage(timeline);
        let is_exposed = reported < down && down <= ends;
        let was_reached = is_exposed && self.exchange_at(down) == FRACTURED_EXCHANGE;
        let broken = (was_reached && settings.plants.has(Plant::Outage)).then_some(down);
        Week {
            reported,
            exchange: self.exchange_at(reported),
            moved: self
                .moves
                .filter(|(at, _)| (reported + 1..ends.min(timeline.horizon)).contains(at)),
            standing: Standing::never(Promise::KettleOnLine, broken, ends, timeline.horizon),
            is_complained_of: false,
            was_reached,
        }
    }

    fn exchange_at(&self, at: i64) -> &'static str {
        match self.moves {
            Some((moved, exchange)) if moved <= at => exchange,
            _ => self.exchange,
        }
    }
}

/// Works on an exchange by night, of which nobody notices anything: about one in three weeks.
pub(crate) fn planned_works(
    settings: &Settings,
    timeline: &Timeline,
) -> Vec<(i64, i64, &'static str)> {
    let mut dice = Dice::about(settings.seed, 0, Part::Kettle, 0, 0);
    let (first, _) = timeline.day_and_clock(timeline.start);
    let mut works = Vec::new();
    let mut day = first + dice.between(1, 20);
    while timeline.midnight(day) < timeline.horizon - DAY {
        let (from, until) = (timeline.at(day, HOUR), timeline.at(day, 4 * HOUR));
        works.push((from, until, dice.pick(&EXCHANGES)));
        day += dice.between(10, 30);
    }
    works
}
