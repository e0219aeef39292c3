//! Random histories against a reference that knows nothing of folds: who is there is asked anew at every instant.

use std::collections::{BTreeMap, BTreeSet};

use amends_model::IdentifierId;
use amends_model::wait::{Calendar, Wait};
use amends_project::definition::{Cause, Nature, ReasonClass};
use amends_testkit::proptest::prelude::*;
use jiff::tz::TimeZone;

use super::fold::memberships;
use super::{
    Boundaries, Contract, Entry, Line, Meaning, Membership, Reason, Reasons, Rule, Sign, periods,
};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

fn reasons() -> Reasons {
    let class = |reason: &str, nature, cause| ReasonClass {
        reasons: vec![reason.into()],
        nature,
        cause,
    };
    let mut reasons = Reasons::new(&[
        class("moved", Nature::Natural, Cause::Life),
        class("dear", Nature::Avoidable, Cause::Price),
        class("unpaid", Nature::Company, Cause::Unknown),
    ]);
    for text in ["moved", "dear", "unpaid", "other"] {
        reasons.meet(text);
    }
    reasons
}

fn sign(who: u8, at: i64, meaning: Meaning, contract: u64, reason: u8) -> Sign {
    let reason = match reason {
        0 => Reason::NONE,
        number => reasons().meet(["moved", "dear", "unpaid", "other"][number as usize % 4]),
    };
    Sign {
        customer: IdentifierId([who; 16]),
        at,
        meaning,
        contract: Contract(contract),
        reason,
    }
}

/// Contracts of some people over forty days, instants colliding often, ends without beginnings and beginnings without ends among them.
fn contractual() -> impl Strategy<Value = Vec<Sign>> {
    let one = (0..4_u8, 0..40_i64, any::<bool>(), 0..4_u64, 0..5_u8).prop_map(
        |(who, day, begins, contract, reason)| {
            let meaning = if begins {
                Meaning::Begins
            } else {
                Meaning::Ends
            };
            let contract = if begins { contract.max(1) } else { contract };
            sign(who, day * DAY, meaning, contract, reason)
        },
    );
    prop::collection::vec(one, 0..40)
}

fn silent() -> impl Strategy<Value = Vec<Sign>> {
    let one = (0..4_u8, 0..60 * 24_i64, 0..3_u8).prop_map(|(who, hour, begins)| {
        let meaning = if begins == 0 {
            Meaning::Begins
        } else {
            Meaning::Lives
        };
        sign(who, hour * HOUR, meaning, 0, 0)
    });
    prop::collection::vec(one, 0..60)
}

fn boundaries() -> impl Strategy<Value = Boundaries> {
    prop::collection::btree_set(0..45_i64, 2..8)
        .prop_map(|days| Boundaries::at(days.into_iter().map(|day| day * DAY).collect()))
}

/// What one instant did to a customer.
#[derive(Clone, Copy, Debug)]
struct Instant {
    at: i64,
    there_before: bool,
    began_something: bool,
    there_after: bool,
}

/// Signs of one contract as sets of moments.
#[derive(Clone, Default)]
struct Told {
    begins: BTreeSet<i64>,
    ends: BTreeSet<i64>,
}

/// Whether a contract runs after a moment at which it ran or not, and something is told of it.
fn runs_on(told: &Told, all: &BTreeSet<i64>, at: i64, ran: bool) -> bool {
    match (ran, told.begins.contains(&at)) {
        (true, true) => true,
        (true, false) => !told.ends.contains(&at) && !all.contains(&at),
        (false, true) => !told.ends.contains(&at),
        (false, false) => false,
    }
}

/// The history of one customer, every instant of forty-five days asked anew.
fn instants(signs: &[Sign]) -> Vec<Instant> {
    let days: Vec<i64> = (0..45).map(|day| day * DAY).collect();
    let mut told: BTreeMap<Contract, Told> = BTreeMap::new();
    let mut all = BTreeSet::new();
    for sign in signs {
        match sign.meaning {
            Meaning::Begins => told
                .entry(sign.contract)
                .or_default()
                .begins
                .insert(sign.at),
            _ if sign.contract == Contract::NONE => all.insert(sign.at),
            _ => told.entry(sign.contract).or_default().ends.insert(sign.at),
        };
    }
    for one in told.values_mut() {
        let Some(first) = one.begins.first().copied() else {
            continue;
        };
        let (mut runs, mut ever_ended) = (false, false);
        for at in &days {
            let ran = runs;
            runs = runs_on(one, &all, *at, ran);
            ever_ended |= (ran || one.begins.contains(at)) && !runs;
        }
        if !ever_ended && one.ends.first().is_some_and(|end| *end < first) {
            one.begins = BTreeSet::from([first]);
            one.ends = BTreeSet::from([first]);
        }
    }
    let first = told
        .values()
        .filter_map(|one| one.begins.first())
        .min()
        .copied();
    let not_after_first = |end: i64| first.is_none_or(|first| end <= first);
    let unbegun = told.values().filter(|one| one.begins.is_empty());
    let mut before: Vec<i64> = unbegun
        .filter_map(|one| one.ends.first().copied())
        .collect();
    before.extend(all.iter().filter(|end| Some(**end) != first));
    let before = before.into_iter().filter(|end| not_after_first(*end)).max();

    let mut running: BTreeSet<Contract> = BTreeSet::new();
    days.into_iter()
        .map(|at| {
            let there_before = !running.is_empty() || before.is_some_and(|end| at <= end);
            let ran = running.clone();
            running = told
                .iter()
                .filter(|(contract, one)| runs_on(one, &all, at, ran.contains(contract)))
                .map(|(contract, _)| *contract)
                .collect();
            Instant {
                at,
                there_before,
                began_something: told.values().any(|one| one.begins.contains(&at)),
                there_after: !running.is_empty() || before.is_some_and(|end| at < end),
            }
        })
        .collect()
}

/// Opening, new, returned, lost, joined and left, closing.
fn expected(histories: &[Vec<Instant>], from: i64, until: i64) -> [u64; 6] {
    let mut counts = [0; 6];
    for history in histories {
        let mut known = history[0].there_before;
        let mut joined_at = None;
        for instant in history {
            let within = from <= instant.at && instant.at < until;
            counts[0] += u64::from(instant.at == from && instant.there_before);
            counts[5] += u64::from(instant.at == until && instant.there_before);
            if !instant.there_before && (instant.there_after || instant.began_something) {
                counts[1] += u64::from(within && !known);
                counts[2] += u64::from(within && known);
                known = true;
                joined_at = Some(instant.at);
            }
            if !instant.there_after && (instant.there_before || instant.began_something) {
                counts[3] += u64::from(within);
                counts[4] += u64::from(within && joined_at.is_some_and(|joined| joined >= from));
            }
        }
    }
    counts
}

fn by_customer(signs: &[Sign]) -> Vec<Vec<Sign>> {
    let mut of: BTreeMap<IdentifierId, Vec<Sign>> = BTreeMap::new();
    for sign in signs {
        of.entry(sign.customer).or_default().push(*sign);
    }
    of.into_values().collect()
}

/// What must hold of any memberships, and the equation that `periods` checks by itself.
fn hold_together(memberships: &[Membership], boundaries: &Boundaries) {
    let counts = periods(memberships, boundaries).unwrap();
    for pair in memberships.windows(2) {
        if pair[0].customer == pair[1].customer {
            assert!(
                pair[0].end().unwrap() < pair[1].start.unwrap(),
                "a gap lies between memberships"
            );
            assert_eq!(pair[1].entry, Entry::Returned);
        } else {
            assert_ne!(pair[1].entry, Entry::Returned);
        }
    }
    for (period, count) in counts.iter().enumerate() {
        let (from, until) = boundaries.bounds(period);
        assert_eq!(
            count.opening + count.new + count.returned,
            count.lost + count.closing
        );
        assert!(count.joined_and_left <= count.lost.min(count.new + count.returned));
        assert_eq!(count.by_nature.iter().sum::<u64>(), count.lost);
        assert_eq!(count.by_cause.iter().sum::<u64>(), count.lost);
        for line in Line::ALL {
            let people = memberships
                .iter()
                .filter(|one| line.counts(one, from, until));
            assert_eq!(
                people.count() as u64,
                count.get(line),
                "{} of {period}",
                line.id()
            );
        }
        if period > 0 {
            assert_eq!(counts[period - 1].closing, count.opening, "periods chain");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn contracts_agree_with_asking_every_day(signs in contractual(), boundaries in boundaries()) {
        let (memberships, _) = memberships(Rule::Contract, 45 * DAY, &signs, &reasons()).unwrap();
        hold_together(&memberships, &boundaries);
        let histories: Vec<_> = by_customer(&signs).iter().map(|signs| instants(signs)).collect();
        for (period, counts) in periods(&memberships, &boundaries).unwrap().iter().enumerate() {
            let (from, until) = boundaries.bounds(period);
            let counted = [
                counts.opening, counts.new, counts.returned, counts.lost, counts.joined_and_left, counts.closing,
            ];
            prop_assert_eq!(counted, expected(&histories, from, until), "period {}: {:?}", period, memberships);
        }
    }

    #[test]
    fn signs_of_one_moment_may_come_in_any_order(signs in contractual()) {
        let forwards = memberships(Rule::Contract, 45 * DAY, &signs, &reasons()).unwrap();
        let mut reversed = signs.clone();
        reversed.reverse();
        prop_assert_eq!(forwards, memberships(Rule::Contract, 45 * DAY, &reversed, &reasons()).unwrap());
    }

    #[test]
    fn silence_agrees_with_asking_every_boundary(
        signs in silent(), boundaries in boundaries(), as_of in 0..80_i64, wait in 0..3_usize,
    ) {
        let wait = Wait::parse(["3 days", "2 business days", "9 opening hours"][wait]).unwrap();
        let calendar = Calendar::weekdays(TimeZone::get("Europe/Vienna").unwrap());
        let as_of = as_of * DAY;
        let signs: Vec<Sign> = signs.into_iter().filter(|sign| sign.at <= as_of).collect();
        let (memberships, _) = memberships(Rule::Silence(&wait, &calendar), as_of, &signs, &reasons()).unwrap();
        hold_together(&memberships, &boundaries);
        let end = |at: i64| {
            let start = amends_model::time::from_micros(at).unwrap();
            wait.after(start, &calendar).unwrap().as_microsecond()
        };
        let counts = periods(&memberships, &boundaries).unwrap();
        let people = by_customer(&signs);
        for (period, counts) in counts.iter().enumerate() {
            let (from, _) = boundaries.bounds(period);
            let there = people.iter().filter(|signs| {
                let begins = signs.iter().filter(|sign| sign.meaning == Meaning::Begins).map(|sign| sign.at).min();
                let Some(begins) = begins else { return false };
                let last = signs.iter().map(|sign| sign.at).filter(|at| begins <= *at && *at < from).max();
                last.is_some_and(|last| end(last) >= from || end(last) > as_of)
            });
            prop_assert_eq!(there.count() as u64, counts.opening);
        }
    }
}
