//! Joining, leaving and coming back: the contracts of one person.

use crate::civil::{DAY, HOUR, months_later};
use crate::dice::Dice;
use crate::promise::Promise;

/// Why somebody leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// They moved to where no parcel goes.
    Moved,
    /// They died.
    Deceased,
    /// It costs too much.
    Price,
    /// Somebody else is cheaper.
    Competitor,
    /// The tea piles up.
    Unused,
    /// The tea is not good enough.
    Quality,
    /// We let them down.
    Service,
    /// They did not pay.
    NonPayment,
    /// They did not say.
    Unsaid,
    /// They did not leave: another plan takes over.
    PlanChange,
}

/// What makes people leave, in a hundred thousand a month.
const LEAVING_A_MONTH: [(Why, u64); 8] = [
    (Why::Moved, 250),
    (Why::Deceased, 50),
    (Why::Price, 700),
    (Why::Competitor, 200),
    (Why::Unused, 350),
    (Why::Quality, 300),
    (Why::NonPayment, 350),
    (Why::Unsaid, 300),
];

impl Why {
    /// The reason as the records state it, empty where none is stated.
    pub(crate) fn stated(self) -> &'static str {
        match self {
            Why::Moved => "moved",
            Why::Deceased => "deceased",
            Why::Price => "too_expensive",
            Why::Competitor => "switched_service",
            Why::Unused => "unused",
            Why::Quality => "low_quality",
            Why::Service => "customer_service",
            Why::NonPayment => "payment_failed",
            Why::Unsaid => "",
            Why::PlanChange => "plan change",
        }
    }

    /// Whose doing it was: natural, avoidable, company, unknown.
    pub(crate) fn nature(self) -> Nature {
        match self {
            Why::Moved | Why::Deceased => Nature::Natural,
            Why::NonPayment => Nature::Company,
            Why::Unsaid | Why::PlanChange => Nature::Unknown,
            _ => Nature::Avoidable,
        }
    }

    /// Over what: product, service, price, life, unknown.
    pub(crate) fn cause(self) -> &'static str {
        match self {
            Why::Moved | Why::Deceased => "life",
            Why::Price | Why::Competitor => "price",
            Why::Unused | Why::Quality => "product",
            Why::Service => "service",
            Why::NonPayment | Why::Unsaid | Why::PlanChange => "unknown",
        }
    }

    fn comes_back(self) -> u64 {
        match self {
            Why::Moved | Why::Deceased | Why::PlanChange => 0,
            Why::Unused | Why::Unsaid => 1_000,
            Why::Quality => 1_500,
            Why::Price | Why::Competitor | Why::Service => 2_000,
            Why::NonPayment => 2_500,
        }
    }
}

/// Whose doing a loss was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// Nobody could have held them.
    Natural,
    /// We could have.
    Avoidable,
    /// The company let them go.
    Company,
    /// Nobody knows.
    Unknown,
}

impl Nature {
    /// Its word in the truth files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Nature::Natural => "natural",
            Nature::Avoidable => "avoidable",
            Nature::Company => "company",
            Nature::Unknown => "unknown",
        }
    }
}

/// A price plan: its name, its price in cents, and how many months it runs at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it costs, in cents.
    pub(crate) cents: i64,
    /// Months between two payments.
    pub(crate) months: i64,
}

const PLANS: [(Plan, u64); 3] = [
    (plan("Daily Cup", 1_290, 1), 55),
    (plan("Tea Cupboard", 2_490, 1), 30),
    (plan("Year of Tea", 19_900, 12), 15),
];

const fn plan(name: &'static str, cents: i64, months: i64) -> Plan {
    Plan {
        name,
        cents,
        months,
    }
}

/// How a contract ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    /// When somebody asked for it.
    pub(crate) asked: i64,
    /// When it ends, which may be after the horizon.
    pub(crate) ended: i64,
    /// Whether it runs until the period that is paid ends.
    pub(crate) at_period_end: bool,
    /// Why.
    pub(crate) why: Why,
    /// Over which promise, and when that was made: where one let-down was the last straw.
    pub(crate) over: Option<(Promise, i64)>,
}

/// One contract.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscription {
    /// What it is for.
    pub(crate) plan: Plan,
    /// When it began, to the minute.
    pub(crate) created: i64,
    /// How it ends.
    pub(crate) ending: Option<Ending>,
}

impl Subscription {
    /// The paid period in which a moment lies: its first moment and the first after it.
    pub(crate) fn period(&self, at: i64) -> (i64, i64) {
        let mut periods = (at - self.created).max(0) / (31 * DAY * self.plan.months);
        let begins = |periods: i64| months_later(self.created, periods * self.plan.months);
        while begins(periods + 1) <= at {
            periods += 1;
        }
        (begins(periods), begins(periods + 1))
    }
}

/// The time from joining to leaving: one membership, with one contract or several that overlap.
pub(crate) struct Stint {
    /// Under which of the person's customer ids.
    pub(crate) account: u8,
    /// When it began.
    pub(crate) joined: i64,
    /// How it ends.
    pub(crate) ending: Option<Ending>,
    /// Its contracts.
    pub(crate) subscriptions: Vec<Subscription>,
}

/// Draws the plan that somebody starts with.
pub(crate) fn choose_plan(dice: &mut Dice) -> Plan {
    dice.weighted(&PLANS)
}

/// Draws when and why a membership would end if nobody is let down.
pub(crate) fn draw_ending(dice: &mut Dice, first: Subscription, returned: bool) -> Ending {
    if !returned && dice.chance(300) {
        // They regret it at once.
        let asked = minute(first.created + dice.between(2 * DAY, 13 * DAY));
        let why = dice.pick(&[Why::Unused, Why::Price, Why::Quality, Why::Unsaid]);
        return Ending {
            asked,
            ended: asked,
            at_period_end: false,
            why,
            over: None,
        };
    }
    let monthly: u64 = LEAVING_A_MONTH.iter().map(|(_, rate)| rate).sum();
    let month = 30 * DAY + 10 * HOUR + 1_740;
    let stays = dice.wait(month * 100_000 / monthly as i64);
    let why = dice.weighted(&LEAVING_A_MONTH);
    ask_to_end(dice, first, first.created + stays, why, returned)
}

/// Draws how a membership ends that somebody asks to end.
///
/// Whoever came back stays for a month at least: so nobody is lost twice in one reporting month.
pub(crate) fn ask_to_end(
    dice: &mut Dice,
    first: Subscription,
    asked: i64,
    why: Why,
    returned: bool,
) -> Ending {
    let asked = minute(earliest_end(&first, asked, returned));
    let at_once = matches!(why, Why::Deceased | Why::NonPayment);
    let at_period_end = dice.chance(6_000) && !at_once;
    let ended = if at_period_end {
        first.period(asked).1
    } else {
        asked
    };
    Ending {
        asked,
        ended,
        at_period_end,
        why,
        over: None,
    }
}

/// The moment at which somebody asked for the end, or the first at which they may.
pub(crate) fn earliest_end(first: &Subscription, asked: i64, returned: bool) -> i64 {
    let at_least = if returned { 32 * DAY } else { DAY };
    asked.max(first.created + at_least)
}

/// Draws whether somebody who left comes back, and when.
pub(crate) fn draw_return(dice: &mut Dice, ending: &Ending) -> Option<i64> {
    let returns = dice.chance(ending.why.comes_back());
    let gap = 3 * DAY + dice.wait(60 * DAY);
    returns.then(|| minute(ending.ended + gap))
}

/// Draws which contracts make up a membership: one; one that another plan takes over; or a second one beside it for a while.
/// The membership's own ending is that of the contract that ends last.
pub(crate) fn draw_contracts(
    dice: &mut Dice,
    first: Subscription,
    ending: Option<Ending>,
    horizon: i64,
) -> Vec<Subscription> {
    let shape = dice.below(100);
    let until = ending.map_or(horizon, |ending| ending.ended.min(horizon));
    let whole = Subscription { ending, ..first };
    if shape >= 12 || until - first.created < 60 * DAY {
        return vec![whole];
    }
    let second = Subscription {
        plan: choose_plan(dice),
        created: minute(dice.between(first.created + 10 * DAY, until - 30 * DAY)),
        ending: None,
    };
    let at_once = |ended: i64, why: Why| {
        Some(Ending {
            asked: ended,
            ended,
            at_period_end: false,
            why,
            over: None,
        })
    };
    if shape < 6 && ending.is_none_or(|ending| !ending.at_period_end) {
        let ended = minute(second.created + dice.between(DAY, 6 * DAY));
        let first = Subscription {
            ending: at_once(ended, Why::PlanChange),
            ..first
        };
        vec![first, Subscription { ending, ..second }]
    } else {
        let ended = minute(dice.between(second.created + 2 * DAY, until - 10 * DAY));
        let ending = at_once(ended, Why::Unused);
        vec![whole, Subscription { ending, ..second }]
    }
}

/// The billing system knows minutes only.
pub(crate) fn minute(moment: i64) -> i64 {
    moment - moment.rem_euclid(60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Part;

    #[test]
    fn paid_periods_hold_the_moment_that_they_are_asked_for() {
        for (plan, _) in PLANS {
            let subscription = Subscription {
                plan,
                created: 1_706_695_200, // 2024-01-31
                ending: None,
            };
            for at in (0..900 * DAY).step_by(100_003) {
                let at = subscription.created + at;
                let (begins, ends) = subscription.period(at);
                assert!(begins <= at && at < ends, "{at}");
            }
        }
    }

    #[test]
    fn the_contract_that_ends_last_ends_the_membership() {
        let horizon = 1_000 * DAY;
        for number in 0..2_000 {
            let mut dice = Dice::new(1, number, Part::Life);
            let first = Subscription {
                plan: choose_plan(&mut dice),
                created: 500 * DAY,
                ending: None,
            };
            let ending =
                Some(draw_ending(&mut dice, first, false)).filter(|ending| ending.asked < horizon);
            let contracts = draw_contracts(&mut dice, first, ending, horizon);
            let until = |subscription: &Subscription| {
                subscription.ending.map_or(i64::MAX, |ending| ending.ended)
            };
            let last = contracts.iter().map(until).max();
            assert_eq!(last, Some(ending.map_or(i64::MAX, |ending| ending.ended)));
            assert_eq!(
                contracts
                    .iter()
                    .filter(|one| Some(until(one)) == last)
                    .count(),
                1
            );
            assert!(contracts.iter().all(|one| one.created >= first.created));
        }
    }
}
