//! `satisfaction.csv`, as the survey tool exports it: semicolons, days first, local time, a mark at the start of the file.

use std::path::Path;

use amends_model::Result;

use super::known;
use crate::Settings;
use crate::civil::{DAY, HOUR, local_day_first};
use crate::dice::{Dice, Part};
use crate::life::Life;
use crate::sheet::{Sheet, cells};
use crate::shopping::Order;
use crate::timeline::Timeline;

/// The first character is a byte order mark.
const HEADER: &str = "\u{feff}response_id;recipient_email;score;comment;recorded_date;survey";

/// Deliveries, in ten thousand, after which somebody answers the survey.
const ANSWERS: u64 = 2_000;

const PRAISE: [&str; 4] = [
    "",
    "Lovely; as always",
    "The \"Smoke & Pine\" is wonderful",
    "Schöne Dose, danke!",
];
const BLAME: [&str; 4] = [
    "",
    "Too late for the birthday",
    "Waited at home; nobody came\nand nobody called",
    "A pity",
];

/// The file and the numbers it gives.
pub(super) struct Export {
    pub(super) sheet: Sheet,
    last: u64,
}

impl Export {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "satisfaction.csv", HEADER)?,
            last: 40_000,
        })
    }

    pub(super) fn write(
        &mut self,
        clerk: &mut Dice,
        timeline: &Timeline,
        life: &Life,
        answers: &[Option<Answer>],
    ) -> Result<()> {
        for answer in answers.iter().flatten() {
            self.last += 1;
            let at = answer.at;
            let row = cells(
                ';',
                &[
                    &format!("R_{}", self.last),
                    life.person.email(at),
                    &answer.score.to_string(),
                    answer.comment,
                    &local_day_first(at, timeline.offset(at)),
                    "after delivery",
                ],
            );
            self.sheet.record(clerk, &row)?;
        }
        Ok(())
    }
}

/// One answer.
pub(super) struct Answer {
    at: i64,
    score: i64,
    comment: &'static str,
}

impl Answer {
    /// Whether it speaks up against the delivery, as the definitions count it.
    pub(super) fn is_low(&self) -> bool {
        self.score <= 6
    }
}

/// Draws what is answered after each of somebody's orders.
pub(super) fn draw_answers(
    settings: &Settings,
    timeline: &Timeline,
    life: &Life,
) -> Vec<Option<Answer>> {
    let mut dice = Dice::new(settings.seed, life.number, Part::Survey);
    let orders = life.orders.iter();
    orders
        .map(|(_, order)| draw_answer(&mut dice, timeline, order))
        .collect()
}

fn draw_answer(dice: &mut Dice, timeline: &Timeline, order: &Order) -> Option<Answer> {
    let answers = dice.chance(ANSWERS);
    let let_down = order.standing.let_down.is_some();
    let low = dice.chance(if let_down { 7_000 } else { 1_200 });
    let (score, comment) = if low {
        (dice.between(0, 7), dice.pick(&BLAME))
    } else {
        (dice.between(7, 11), dice.pick(&PRAISE))
    };
    let (day, _) = timeline.day_and_clock(order.delivered? + 2 * DAY);
    let at = timeline.at(day, dice.between(7 * HOUR, 22 * HOUR));
    known(timeline, Some(at))
        .filter(|_| answers)
        .map(|at| Answer { at, score, comment })
}

/// Rows that cannot be read: a date that is none, a score that is no number, too few cells, nobody's.
pub(super) fn broken(number: u64) -> Vec<String> {
    vec![
        format!("R_9{number};test.{number}@example.net;8;;04/31/24;after delivery"),
        format!("R_8{number};test.{number}@example.net;ten;;10.01.2024 08:15;after delivery"),
        format!("R_7{number};test.{number}@example.net;9"),
        format!("R_6{number};;9;;10.01.2024 08:15;after delivery"),
    ]
}
