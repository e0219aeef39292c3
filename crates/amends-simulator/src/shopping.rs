//! What a person orders, and how it arrives.

use crate::Settings;
use crate::civil::{DAY, HOUR};
use crate::dice::{Dice, Part};
use crate::plant::{FRACTURED_DEPOT, PAIR_CATEGORY, PAIR_DEPOT, Plant, Plants};
use crate::promise::{Deadline, Standing};
use crate::timeline::Timeline;

/// On average so much time passes between two orders of one customer.
const BETWEEN_ORDERS: i64 = 50 * DAY;

/// Orders that arrive late, in ten thousand: everywhere, and at the fractured depot from the onset on; and the same in a company with all of its systems.
const LATE: u64 = 450;
const LATE_THROUGH_THE_FRACTURE: u64 = 3_200;
const LATE_IN_A_LARGE_COMPANY: u64 = 1_200;
const LATE_THERE_THROUGH_THE_FRACTURE: u64 = 4_500;

/// Of a pair of depot and goods, so many in ten thousand of those in time come late; and so many of those that come late with one of the two alone come in
/// time. A fifth of all orders is of that depot and a fifth of those goods, so that of either as many come late as of all:
/// 0.8 x 0.12 x 0.0625 + 0.2 x (0.12 + 0.88 x 0.511) = 0.12.
const PAIR_LATE: u64 = 5_110;
const PAIR_SPARED: u64 = 9_375;

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
    /// Whether somebody complained that it was late.
    pub(crate) is_complained_of: bool,
    /// The number that decided whether it was late, of ten thousand.
    luck: u64,
}

impl Order {
    /// Through which planted flaw it may have fallen.
    pub(crate) fn place(&self, timeline: &Timeline, plants: &Plants) -> Option<Plant> {
        let shows = |plant| timeline.shows(plants, plant, self.placed);
        if self.depot == FRACTURED_DEPOT && shows(Plant::Depot) {
            return Some(Plant::Depot);
        }
        let is_pair = self.depot == PAIR_DEPOT && self.category == PAIR_CATEGORY;
        (is_pair && shows(Plant::Pair)).then_some(Plant::Pair)
    }

    /// Delivers it as this company would, and not as one in which the depot alone is planted.
    pub(crate) fn as_planted(&mut self, settings: &Settings, timeline: &Timeline, number: u64) {
        let is_of_the_depot = self.depot == FRACTURED_DEPOT
            && timeline.shows(&Plants::all(), Plant::Depot, self.placed);
        let was_late =
            self.luck < LATE || (is_of_the_depot && self.luck < LATE_THROUGH_THE_FRACTURE);
        let (usual, through_the_depot) = if settings.all_systems {
            (LATE_IN_A_LARGE_COMPANY, LATE_THERE_THROUGH_THE_FRACTURE)
        } else {
            (LATE, LATE_THROUGH_THE_FRACTURE)
        };
        let is_usual = self.luck < usual;
        let is_planted = is_of_the_depot && settings.plants.has(Plant::Depot);
        let mut late = is_usual || (is_planted && self.luck < through_the_depot);
        let mut dice = Dice::about(settings.seed, number, Part::Parcel, 0, self.placed);
        let luck = dice.below(10_000);
        if timeline.shows(&settings.plants, Plant::Pair, self.placed) {
            late = match (self.depot == PAIR_DEPOT, self.category == PAIR_CATEGORY) {
                (true, true) => late || luck < PAIR_LATE,
                (false, false) => late,
                _ => late && !(is_usual && luck < PAIR_SPARED),
            };
        }
        if late == was_late || self.delivered.is_none() {
            return;
        }
        self.delivered = Some(draw_delivery(&mut dice, timeline, self.promised_day, late));
        self.standing = self.judged(timeline);
    }

    fn judged(&self, timeline: &Timeline) -> Standing {
        let deadline = Deadline::of_delivery(timeline, self.promised_day);
        let by_customer = self.cancelled.filter(|(_, by)| *by == Canceller::Customer);
        let excused = by_customer.map(|(at, _)| at);
        deadline.judge(self.delivered, excused, timeline.horizon)
    }
}

/// Draws when an order arrives, late or not.
fn draw_delivery(dice: &mut Dice, timeline: &Timeline, promised_day: i64, late: bool) -> i64 {
    let delivered_day = if late {
        let days = DAYS_LATE.map(|(low, high, weight)| ((low, high), weight));
        let (low, high) = dice.weighted(&days);
        promised_day + dice.between(low, high)
    } else {
        promised_day - dice.between(0, 3)
    };
    timeline.at(delivered_day, dice.between(8 * HOUR, 20 * HOUR))
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
    let through_the_fracture =
        depot == FRACTURED_DEPOT && timeline.shows(&Plants::all(), Plant::Depot, placed);
    let odds = if through_the_fracture {
        LATE_THROUGH_THE_FRACTURE
    } else {
        LATE
    };
    let luck = dice.below(10_000);
    let delivered = draw_delivery(dice, timeline, promised_day, luck < odds);
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
    let mut order = Order {
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
        standing: Standing::OPEN,
        is_complained_of: false,
        luck,
    };
    order.standing = order.judged(timeline);
    order
}
