//! What a person asks the help desk, and when an answer comes.

use crate::civil::{DAY, HOUR};
use crate::dice::Dice;
use crate::promise::{ANSWER_WITHIN, Deadline, Standing};
use crate::timeline::Timeline;

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
pub(crate) struct Ticket {
    /// When it was asked.
    pub(crate) asked: i64,
    /// What it is about.
    pub(crate) subject: &'static str,
    /// Whether it complains of a late parcel.
    pub(crate) complaint: bool,
    /// How it ends, the time after the horizon included.
    pub(crate) fate: Fate,
    /// How the promise stands at the horizon.
    pub(crate) standing: Standing,
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

/// Draws the complaint about a parcel that was due, if one comes before the horizon.
pub(crate) fn draw_complaint(dice: &mut Dice, timeline: &Timeline, due: i64) -> Option<Ticket> {
    let asked = due + dice.wait(DAY);
    let complains = dice.chance(3_500) && asked < timeline.horizon;
    let subject = dice.pick(&COMPLAINTS);
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
    }
}
