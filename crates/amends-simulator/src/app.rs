//! The app: which version runs where, who signs in, and whom it lets in.

use crate::Settings;
use crate::civil::{DAY, HOUR};
use crate::dice::{Dice, Part};
use crate::plant::{FRACTURED_PLATFORM, FRACTURED_VERSION, Plant, Plants};
use crate::promise::{Deadline, Standing};
use crate::timeline::Timeline;

/// Customers, in ten thousand, who have the app.
const HAVE_IT: u64 = 6_000;

/// On average so much time passes between two times that somebody signs in.
const BETWEEN_LOG_INS: i64 = 40 * DAY;

/// So many in ten thousand are not let in: of everybody, and of those with the broken version.
const SHUT_OUT: u64 = 300;
const SHUT_OUT_BY_THE_RELEASE: u64 = 3_000;

const PLATFORMS: [(&str, u64); 3] = [(FRACTURED_PLATFORM, 45), ("iOS", 40), (WEB, 15)];
const WEB: &str = "Web";

/// The app of one customer.
pub(crate) struct App {
    platform: &'static str,
    /// How long after its release a version comes to them.
    lag: i64,
}

/// One time that somebody signs in.
pub(crate) struct LogIn {
    /// When.
    pub(crate) tried: i64,
    /// When they were in.
    pub(crate) entered: Option<i64>,
    /// On what.
    pub(crate) platform: &'static str,
    /// Which version of the app that was.
    pub(crate) version: &'static str,
    /// How the promise stands at the horizon.
    pub(crate) standing: Standing,
    /// Whether somebody complained that it did not open.
    pub(crate) is_complained_of: bool,
}

impl LogIn {
    /// Through which planted flaw it may have fallen.
    pub(crate) fn place(&self, plants: &Plants) -> Option<Plant> {
        let is_there = self.platform == FRACTURED_PLATFORM && self.version == FRACTURED_VERSION;
        (is_there && plants.has(Plant::Release)).then_some(Plant::Release)
    }
}

impl App {
    /// Draws whether somebody has the app, and on what.
    pub(crate) fn draw(settings: &Settings, number: u64) -> Option<Self> {
        let mut dice = Dice::new(settings.seed, number, Part::App);
        let has_it = settings.all_systems && dice.chance(HAVE_IT);
        let platform = dice.weighted(&PLATFORMS);
        let lag = if platform == WEB {
            0
        } else {
            dice.wait(3 * DAY)
        };
        has_it.then_some(Self { platform, lag })
    }

    /// Draws when somebody would sign in between two moments, and whether they get in.
    pub(crate) fn draw_log_ins(
        &self,
        settings: &Settings,
        timeline: &Timeline,
        number: u64,
        (from, until): (i64, i64),
    ) -> Vec<LogIn> {
        let mut dice = Dice::about(settings.seed, number, Part::App, 1, from);
        let mut log_ins = Vec::new();
        let mut tried = from + dice.wait(BETWEEN_LOG_INS);
        while tried < until {
            let mut log_in = LogIn {
                tried,
                entered: None,
                platform: self.platform,
                version: version(timeline, tried - self.lag),
                standing: Standing::OPEN,
                is_complained_of: false,
            };
            let odds = match log_in.place(&settings.plants) {
                Some(_) => SHUT_OUT_BY_THE_RELEASE,
                None => SHUT_OUT,
            };
            let (luck, seconds) = (dice.below(10_000), dice.between(2, 40));
            log_in.entered = (luck >= odds).then_some(tried + seconds);
            let deadline = Deadline::of_opening(tried);
            log_in.standing = deadline.judge(log_in.entered, None, timeline.horizon);
            log_ins.push(log_in);
            tried += dice.wait(BETWEEN_LOG_INS);
        }
        log_ins
    }
}

/// The newest version that was released by a moment: in the morning of its day.
fn version(timeline: &Timeline, at: i64) -> &'static str {
    let (broken, mended) = timeline.span(Plant::Release);
    let before = timeline.start + (broken - timeline.start) / 2;
    let releases = [
        (mended.unwrap_or(i64::MAX), "4.1"),
        (broken, FRACTURED_VERSION),
        (before, "3.9"),
    ];
    let found = releases
        .into_iter()
        .find(|(day, _)| day.saturating_add(8 * HOUR) <= at);
    found.map_or("3.8", |(_, version)| version)
}
