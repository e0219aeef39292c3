//! What is charged for contracts, once or twice, and what is waived.

use crate::Settings;
use crate::civil::{DAY, months_later};
use crate::dice::{Dice, Part};
use crate::membership::Subscription;
use crate::plant::{FRACTURED_PLAN, Plant, Plants};
use crate::promise::{CHARGED_ONCE_DAYS, Promise, Standing};
use crate::timeline::Timeline;

/// Bills, in ten thousand, that are charged twice: of all, and of the plan that is charged twice while it is.
const TWICE: u64 = 30;
const TWICE_FOR_THE_PLAN: u64 = 1_200;

/// Bills, in ten thousand, with which a reminder's fee is waived.
const WAIVED: u64 = 200;

/// What a reminder costs, in cents.
pub(crate) const REMINDER: i64 = 450;

const METHODS: [(&str, u64); 3] = [("card", 55), ("direct debit", 30), ("wallet", 15)];

/// One bill.
pub(crate) struct Charge {
    /// When it was paid.
    pub(crate) paid: i64,
    /// When it was paid once more.
    pub(crate) again: Option<i64>,
    /// When the fee of a reminder was waived with it.
    pub(crate) waived: Option<i64>,
    /// For which plan.
    pub(crate) plan: &'static str,
    /// How.
    pub(crate) method: &'static str,
    /// How much, in cents.
    pub(crate) cents: i64,
    /// How the promise stands at the horizon.
    pub(crate) standing: Standing,
    /// Whether somebody complained that it was charged twice.
    pub(crate) is_complained_of: bool,
}

impl Charge {
    /// Through which planted flaw it may have fallen.
    pub(crate) fn place(&self, timeline: &Timeline, plants: &Plants) -> Option<Plant> {
        let shows = timeline.shows(plants, Plant::Charges, self.paid);
        (shows && self.plan == FRACTURED_PLAN).then_some(Plant::Charges)
    }
}

/// Draws the bills of one contract, from the start of the simulated time to its end.
pub(crate) fn draw_charges(
    settings: &Settings,
    timeline: &Timeline,
    number: u64,
    contract: &Subscription,
) -> Vec<Charge> {
    let mut dice = Dice::about(settings.seed, number, Part::Charges, 0, contract.created);
    let method = dice.weighted(&METHODS);
    let ended = contract.ending.map_or(i64::MAX, |ending| ending.ended);
    let until = ended.min(timeline.horizon);
    let mut charges = Vec::new();
    for period in 0.. {
        let paid = months_later(contract.created, period * contract.plan.months);
        if paid >= until {
            break;
        }
        let (luck, later) = (dice.below(10_000), dice.between(600, 3 * DAY));
        let (waived, after) = (dice.chance(WAIVED), dice.between(DAY, 9 * DAY));
        if paid < timeline.start {
            continue;
        }
        let mut charge = Charge {
            paid,
            again: None,
            waived: waived.then_some(paid + after),
            plan: contract.plan.name,
            method,
            cents: contract.plan.cents,
            standing: Standing::OPEN,
            is_complained_of: false,
        };
        let odds = match charge.place(timeline, &settings.plants) {
            Some(_) => TWICE_FOR_THE_PLAN,
            None => TWICE,
        };
        charge.again = (luck < odds).then_some(paid + later);
        let (day, clock) = timeline.day_and_clock(paid);
        let until = timeline.at(day + CHARGED_ONCE_DAYS, clock);
        let promise = Promise::ChargedOnce;
        charge.standing = Standing::never(promise, charge.again, until, timeline.horizon);
        charges.push(charge);
    }
    charges
}
