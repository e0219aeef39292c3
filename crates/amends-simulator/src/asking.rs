//! What a person asks the help desk, and when an answer comes.

use crate::Settings;
use crate::civil::{DAY, HOUR};
use crate::dice::{Dice, Part};
use crate::plant::{Plant, Plants};
use crate::promise::{ANSWER_WITHIN, Deadline, Promise, Standing};
use crate::timeline::{Timeline, weekday};

/// On average so much time passes between two questions of one customer.
const BETWEEN_QUESTIONS: i64 = 220 * DAY;

const SUBJECTS: [&str; 6] = [
    "Change of address",
    "Which tea has no caffeine?",
    "Invoice, please",
    "My tin arrived dented",
    "Pause my subscription",
    "Is \"Smoke & Pine\" coming back?",
];
const COMPLAINTS: [&str; 4] = [
    "Where is my parcel?",
    "Parcel late, again",
    "Still waiting for my order, two days now",
    "You promised a date",
];

const OF_ANSWERS: [&str; 2] = ["Does anybody read this?", "No answer for days"];
const OF_THE_APP: [&str; 2] = [
    "Your app does not let me in",
    "Cannot sign in since the update",
];
const OF_CHARGES: [&str; 2] = ["You took the money twice", "Charged again for one month"];
const OF_KETTLES: [&str; 2] = ["Kettle dead all day", "No tea this afternoon"];

/// Of questions that would be answered in time, so many in ten thousand are answered late where weekends are slow.
const LATE_AT_WEEKENDS: u64 = 4_500;

/// How a question ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered, and later solved.
    Answered {
        /// When the first answer comes.
        replied: i64,
        /// When it is solved.
        solved: i64,
    },
    /// The customer takes it back unanswered.
    Withdrawn(i64),
    /// It is never answered.
    Forgotten,
}

/// One question to the help desk.
#[derive(Clone)]
pub(crate) struct Ticket {
    /// When it was asked.
    pub(crate) asked: i64,
    /// What it is about.
    pub(crate) subject: &'static str,
    /// Whether it complains of a let-down.
    pub(crate) complaint: bool,
    /// How it ends, the time after the horizon included.
    pub(crate) fate: Fate,
    /// How the promise stands at the horizon.
    pub(crate) standing: Standing,
    /// Whether somebody complained that no answer came.
    pub(crate) is_complained_of: bool,
}

impl Ticket {
    /// Whether it was asked where answers are slow.
    pub(crate) fn place(&self, timeline: &Timeline, plants: &Plants) -> Option<Plant> {
        let is_weekend = weekday(timeline.day_and_clock(self.asked).0) >= 5;
        let shows = is_weekend && timeline.shows(plants, Plant::Weekends, self.asked);
        shows.then_some(Plant::Weekends)
    }

    /// Answers it as this company would.
    pub(crate) fn as_planted(&mut self, settings: &Settings, timeline: &Timeline, number: u64) {
        let Fate::Answered { replied, solved } = self.fate else {
            return;
        };
        let mut dice = Dice::about(settings.seed, number, Part::Answer, 0, self.asked);
        let is_late = dice.chance(LATE_AT_WEEKENDS);
        let is_in_time = replied <= timeline.desk_time_after(self.asked, ANSWER_WITHIN);
        if !is_late || !is_in_time || self.place(timeline, &settings.plants).is_none() {
            return;
        }
        let open = ANSWER_WITHIN + 300 + dice.wait(14 * HOUR);
        let later = timeline.desk_time_after(self.asked, open);
        self.fate = Fate::Answered {
            replied: later,
            solved: later + (solved - replied),
        };
        let deadline = Deadline::of_answer(timeline, self.asked);
        self.standing = deadline.judge(Some(later), None, timeline.horizon);
    }
}

/// Draws the questions that somebody would ask between two moments.
pub(crate) fn draw_questions(
    dice: &mut Dice,
    timeline: &Timeline,
    from: i64,
    until: i64,
) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    let mut asked = from + dice.wait(BETWEEN_QUESTIONS);
    while asked < until {
        let subject = dice.pick(&SUBJECTS);
        tickets.push(draw_ticket(dice, timeline, asked, subject));
        asked += dice.wait(BETWEEN_QUESTIONS);
    }
    tickets
}

/// Draws the complaint about a let-down that could be known from a moment on, if one comes before the horizon.
pub(crate) fn draw_complaint(
    dice: &mut Dice,
    timeline: &Timeline,
    promise: Promise,
    known: i64,
) -> Option<Ticket> {
    let (odds, subjects) = match promise {
        Promise::DeliveryDate => (3_500, &COMPLAINTS[..]),
        Promise::FirstAnswer => (2_000, &OF_ANSWERS[..]),
        Promise::AppOpens => (1_000, &OF_THE_APP[..]),
        Promise::ChargedOnce => (4_000, &OF_CHARGES[..]),
        Promise::KettleOnLine => (3_000, &OF_KETTLES[..]),
    };
    let asked = known + dice.wait(DAY);
    let complains = dice.chance(odds) && asked < timeline.horizon;
    let subject = dice.pick(subjects);
    complains.then(|| Ticket {
        complaint: true,
        ..draw_ticket(dice, timeline, asked, subject)
    })
}

fn draw_ticket(dice: &mut Dice, timeline: &Timeline, asked: i64, subject: &'static str) -> Ticket {
    let open_until_reply = match dice.below(100) {
        0..88 => dice.between(300, ANSWER_WITHIN - 60),
        88..97 => ANSWER_WITHIN + 300 + dice.wait(10 * HOUR),
        _ => ANSWER_WITHIN + 300 + dice.wait(60 * HOUR),
    };
    let replied = timeline.desk_time_after(asked, open_until_reply);
    let solved = replied + dice.wait(DAY);
    let fate = match dice.below(1_000) {
        0..15 => Fate::Forgotten,
        15..30 => Fate::Withdrawn(asked + 60 + dice.wait(18 * HOUR)),
        _ => Fate::Answered { replied, solved },
    };
    let (kept, excused) = match fate {
        Fate::Answered { replied, .. } => (Some(replied), None),
        Fate::Withdrawn(at) => (None, Some(at)),
        Fate::Forgotten => (None, None),
    };
    let deadline = Deadline::of_answer(timeline, asked);
    Ticket {
        asked,
        subject,
        complaint: false,
        fate,
        standing: deadline.judge(kept, excused, timeline.horizon),
        is_complained_of: false,
    }
}
