//! What a let-down makes of somebody: whether they complain, and whether they leave for it.

use crate::Settings;
use crate::asking::{self, Ticket};
use crate::civil::DAY;
use crate::dice::{Dice, Part};
use crate::promise::{Promise, Standing};
use crate::timeline::Timeline;

/// What one let-down leads to.
#[derive(Clone, Default)]
pub(crate) struct Aftermath {
    /// The complaint.
    pub(crate) complaint: Option<Ticket>,
    /// When they ask to end their membership over it.
    pub(crate) leaves: Option<i64>,
}

impl Aftermath {
    /// Draws it, from a stream that is of this let-down alone. Of what is no let-down nothing comes.
    pub(crate) fn draw(
        settings: &Settings,
        timeline: &Timeline,
        number: u64,
        promise: Promise,
        (opened, standing): (i64, Standing),
    ) -> Self {
        let Some(let_down) = standing.let_down else {
            return Self::default();
        };
        let (seed, kind) = (settings.seed, promise as u8);
        let mut dice = Dice::about(seed, number, Part::Aftermath, kind, opened);
        let known = let_down.could_have_known;
        Self {
            leaves: draw_leaving(&mut dice, promise, standing),
            complaint: asking::draw_complaint(&mut dice, timeline, promise, known),
        }
    }

    /// Whether somebody complained.
    pub(crate) fn is_heard(&self) -> bool {
        self.complaint.is_some()
    }
}

/// Draws whether a let-down makes somebody leave, and when they ask for it.
pub(crate) fn draw_leaving(dice: &mut Dice, promise: Promise, standing: Standing) -> Option<i64> {
    let known = standing.let_down?.could_have_known;
    let asked = known + dice.between(DAY, 11 * DAY);
    dice.chance(leaves_over(promise)).then_some(asked)
}

/// Of those let down so many in ten thousand leave for it.
fn leaves_over(promise: Promise) -> u64 {
    match promise {
        Promise::DeliveryDate => 1_000,
        Promise::FirstAnswer => 600,
        Promise::AppOpens => 150,
        Promise::ChargedOnce => 800,
        Promise::KettleOnLine => 500,
    }
}
