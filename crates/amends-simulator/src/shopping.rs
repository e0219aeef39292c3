//! What a person orders, and how it arrives.

use crate::civil::{DAY, HOUR};
use crate::dice::Dice;
use crate::person::FRACTURED_DEPOT;
use crate::promise::{Deadline, Standing};
use crate::timeline::Timeline;

/// On average so much time passes between two orders of one customer.
const BETWEEN_ORDERS: i64 = 50 * DAY;

/// Orders that arrive late, in ten thousand: everywhere, and at the fractured depot from the onset on.
const LATE: u64 = 450;
const LATE_THROUGH_THE_FRACTURE: u64 = 3_200;

const CATEGORIES: [(&str, u64); 5] = [
    ("black tea", 40),
    ("green tea", 20),
    ("herbal tea", 20),
    ("teaware", 12),
    ("gift box", 8),
];
const CARRIERS: [&str; 2] = ["Two Brothers Couriers", "Swiftfoot Parcels"];
/// Days late, of orders that are late.
const DAYS_LATE: [(i64, i64, u64); 4] = [(1, 2, 50), (2, 5, 30), (5, 11, 15), (11, 30, 5)];

/// Who cancelled an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Canceller {
    /// The customer.
    Customer,
    /// The company.
    Company,
}

impl Canceller {
    /// The shop's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Canceller::Customer => "customer",
            Canceller::Company => "company",
        }
    }
}

/// One order and what came of it, the time after the horizon included.
pub(crate) struct Order {
    /// When it was placed.
    pub(crate) placed: i64,
    /// The day shown at checkout.
    pub(crate) promised_day: i64,
    /// Where it leaves from.
    pub(crate) depot: &'static str,
    /// What it is.
    pub(crate) category: &'static str,
    /// What it costs, in cents.
    pub(crate) cents: i64,
    /// Who carries it.
    pub(crate) carrier: &'static str,
    /// How often the courier tried.
    pub(crate) attempts: u64,
    /// Whether it was placed without signing in.
    pub(crate) guest: bool,
    /// When it arrived.
    pub(crate) delivered: Option<i64>,
    /// When it was cancelled, and by whom.
    pub(crate) cancelled: Option<(i64, Canceller)>,
    /// How the promise stands at the horizon.
    pub(crate) standing: Standing,
}

/// Draws the orders that somebody would place between two moments.
pub(crate) fn draw_orders(
    dice: &mut Dice,
    timeline: &Timeline,
    depot: &'static str,
    from: i64,
    until: i64,
) -> Vec<Order> {
    let mut orders = Vec::new();
    let mut placed = from + dice.wait(BETWEEN_ORDERS);
    while placed < until {
        orders.push(draw_order(dice, timeline, depot, placed));
        placed += dice.wait(BETWEEN_ORDERS);
    }
    orders
}

fn draw_order(dice: &mut Dice, timeline: &Timeline, depot: &'static str, placed: i64) -> Order {
    let (day, _) = timeline.day_and_clock(placed);
    let promised_day = day + dice.between(3, 7);
    let through_the_fracture = depot == FRACTURED_DEPOT && placed >= timeline.onset;
    let late = dice.chance(if through_the_fracture {
        LATE_THROUGH_THE_FRACTURE
    } else {
        LATE
    });
    let delivered_day = if late {
        let days: Vec<_> = DAYS_LATE
            .iter()
            .map(|(low, high, weight)| ((*low, *high), *weight))
            .collect();
        let (low, high) = dice.weighted(&days);
        promised_day + dice.between(low, high)
    } else {
        promised_day - dice.between(0, 3)
    };
    let delivered = timeline.at(delivered_day, dice.between(8 * HOUR, 20 * HOUR));
    let deadline = Deadline::of_delivery(timeline, promised_day);
    let fate = dice.below(10_000);
    let (delivered, cancelled) = match fate {
        // It is lost on the way; some customers cancel it in the end.
        0..40 => {
            let given_up = deadline.due() + dice.wait(6 * DAY);
            let cancelled = dice
                .chance(3_000)
                .then_some((given_up, Canceller::Customer));
            (None, cancelled)
        }
        40..160 => {
            let cancelled = dice.between(placed + 600, placed + 2 * DAY);
            (None, Some((cancelled, Canceller::Customer)))
        }
        160..200 => {
            let cancelled = dice.between(placed + 600, placed + 4 * DAY);
            (None, Some((cancelled, Canceller::Company)))
        }
        _ => (Some(delivered), None),
    };
    let excused = cancelled
        .filter(|(_, by)| *by == Canceller::Customer)
        .map(|(at, _)| at);
    Order {
        placed,
        promised_day,
        depot,
        category: dice.weighted(&CATEGORIES),
        cents: dice.between(690, 8_990),
        carrier: dice.pick(&CARRIERS),
        attempts: 1 + u64::from(dice.chance(1_200)),
        guest: dice.chance(1_000),
        delivered,
        cancelled,
        standing: deadline.judge(delivered, excused, timeline.horizon),
    }
}
