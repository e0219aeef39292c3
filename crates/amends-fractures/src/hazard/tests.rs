use amends_stats::Interval;
use amends_stats::ratio::Ratio;
use jiff::Timestamp;

use super::*;
use crate::exposed::tests::{Invented, exposed};
use crate::whereabouts::Part;

const DAY: i64 = 86_400_000_000;

/// Numbers that look like chance and are the same in every run.
struct Numbers(u64);

impl Numbers {
    /// Whether something comes that comes so often.
    fn comes(&mut self, share: f64) -> bool {
        // G. Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64) < share * (1_u64 << 53) as f64
    }
}

fn instance(depot: &'static str, day: i64, let_down: bool) -> Invented {
    Invented {
        let_down,
        day,
        depot: vec![depot.to_owned()],
        weight: "1".into(),
    }
}

/// So many instances a day of two depots, for so many days, broken as often as this says; kept ones after a third of their time.
fn past(seed: u64, days: i64, share: impl Fn(&str, i64) -> f64) -> Exposed {
    let mut numbers = Numbers(seed);
    let mut all = Vec::new();
    for day in 0..days {
        for depot in ["north", "north", "south", "south"] {
            all.push(instance(depot, day, numbers.comes(share(depot, day))));
        }
    }
    let mut past = exposed(&all);
    for row in &mut past.rows {
        let third = row.opened_at + (row.due_at - row.opened_at) / 3;
        row.closed_at = if row.is_let_down {
            row.due_at + DAY
        } else {
            third
        };
    }
    past
}

/// Two that are open, one of each depot, seen when so many hours of their 72 have passed.
fn open(day: i64, hours: i64) -> (Exposed, Timestamp) {
    let mut open = exposed(&[instance("north", day, false), instance("south", day, false)]);
    open.rows[0].about = "n".into();
    open.rows[1].about = "s".into();
    let at = open.rows[0].opened_at + hours * 3_600_000_000;
    (open, time::from_micros(at).unwrap())
}

fn north() -> Vec<(String, Where)> {
    let part = Part {
        attribute: "depot".into(),
        value: "north".into(),
    };
    vec![("f1".into(), Where::new(vec![part], None, None))]
}

/// What is told of what is open, by what came due before the week.
fn told(past: &Exposed, open: &Exposed, live: &[(String, Where)], at: Timestamp) -> Result<Hazard> {
    let proof = proof::prove(past, proof::week(time::micros(at)))?;
    of(past, open, live, at, proof)
}

fn chances(hazard: &Hazard) -> (f64, f64) {
    let of = |about: &str| hazard.risks[about].chance.unwrap();
    (of("n"), of("s"))
}

#[test]
fn what_breaks_more_often_is_likelier_to_break() {
    let past = past(7, 400, |depot, _| if depot == "north" { 0.4 } else { 0.1 });
    let (open, at) = open(401, 1);
    let hazard = told(&past, &open, &north(), at).unwrap();
    let (north, south) = chances(&hazard);
    assert!(
        (north - 0.4).abs() < 0.1 && (south - 0.1).abs() < 0.05,
        "{north} {south}"
    );
    let proof = hazard.proof;
    // The depot is a fracture, by which share and model tell the same: the model is nearer by next to nothing, and the share goes on to be told.
    assert_eq!((proof.known, proof.came_due), (Known::NoBetter, 1600));
    assert!(proof.gain.unwrap().interval.contains(0.0), "{proof:?}");
    let held = proof.held.unwrap();
    let slope = held.calibration.unwrap().slope;
    assert!((0.7..1.4).contains(&slope), "{held:?}");
    let expected = held.came as f64 / held.expected;
    assert!((0.8..1.25).contains(&expected), "{held:?}");
    let risk = &hazard.risks["n"];
    assert_eq!(risk.fracture.as_deref(), Some("f1"));
    assert_eq!(risk.like.0, 800);
    assert_eq!(hazard.risks["s"].fracture, None);
    assert_eq!(hazard.risks["s"].like.0, 800);
}

/// What is kept is kept early: whatever is still open in the middle of its time was let down.
#[test]
fn what_is_still_open_late_is_likelier_to_break() {
    let past = past(3, 300, |_, _| 0.2);
    let early = open(301, 1);
    let late = open(301, 40);
    let [early, late] =
        [early, late].map(|(open, at)| chances(&told(&past, &open, &[], at).unwrap()).0);
    assert!((early - 0.2).abs() < 0.06, "{early}");
    assert!(late > 0.9, "{late}");
}

#[test]
fn where_attributes_tell_nothing_the_plain_share_is_told() {
    let mut learnt = 0;
    for seed in 1..9 {
        let past = past(seed, 200, |_, _| 0.3);
        let (open, at) = open(201, 1);
        let hazard = told(&past, &open, &[], at).unwrap();
        learnt += u32::from(hazard.proof.known == Known::Learnt);
        let (north, south) = chances(&hazard);
        assert!(
            (north - 0.3).abs() < 0.1 && (south - 0.3).abs() < 0.1,
            "{north} {south}"
        );
    }
    assert!(learnt < 8, "models of nothing were believed every time");
}

#[test]
fn too_little_is_not_learnt_from() {
    let past = past(5, 20, |_, _| 0.2);
    let (open, at) = open(21, 1);
    let hazard = told(&past, &open, &[], at).unwrap();
    assert_eq!(
        (hazard.proof.known, hazard.proof.held),
        (Known::TooFew, None)
    );
    let risk = &hazard.risks["n"];
    assert_eq!(risk.like, (80, hazard.proof.let_downs));
    let share = risk.like.1 as f64 / 80.0;
    assert!((risk.chance.unwrap() - share).abs() < 0.01);
    // Of what was never open so long nothing is known.
    let mut kept = past;
    kept.rows.iter_mut().for_each(|row| {
        row.is_let_down = false;
        row.closed_at = row.opened_at + 1;
    });
    let (open, at) = self::open(21, 40);
    let risk = told(&kept, &open, &[], at).unwrap().risks["n"].clone();
    assert_eq!((risk.chance, risk.like), (None, (0, 0)));
}

#[test]
fn the_order_of_instances_does_not_matter() {
    let share = |depot: &str, day: i64| {
        if depot == "north" && day > 150 {
            0.5
        } else {
            0.1
        }
    };
    let past = past(11, 400, share);
    let mut numbers = Numbers(11);
    let mut all: Vec<Invented> = Vec::new();
    for day in 0..400 {
        for depot in ["north", "north", "south", "south"] {
            all.push(instance(depot, day, numbers.comes(share(depot, day))));
        }
    }
    let people: Vec<_> = past.rows.iter().map(|row| row.customer).collect();
    all.reverse();
    let mut other = exposed(&all);
    for (row, customer) in other.rows.iter_mut().zip(people.into_iter().rev()) {
        row.customer = customer;
        let third = row.opened_at + (row.due_at - row.opened_at) / 3;
        row.closed_at = if row.is_let_down {
            row.due_at + DAY
        } else {
            third
        };
    }
    let (open, at) = open(401, 1);
    let [one, other] = [past, other].map(|past| told(&past, &open, &north(), at).unwrap());
    assert_eq!(one.proof.known, other.proof.known);
    let ((a, b), (c, d)) = (chances(&one), chances(&other));
    assert!(
        (a - c).abs() < 1e-9 && (b - d).abs() < 1e-9,
        "{a} {c} {b} {d}"
    );
    assert!(a > 0.3, "the place broke lately: {a}");
}

#[test]
fn tenths_of_a_time_that_is_none_are_the_first() {
    let mut row = exposed(&[instance("north", 1, false)]).rows.remove(0);
    row.closed_at = row.opened_at + 2 * (row.due_at - row.opened_at) / 10;
    assert!(is_open_at(&row, 0) && is_open_at(&row, 1) && !is_open_at(&row, 2));
    assert_eq!(tenth(&row, row.opened_at), 0);
    assert_eq!(tenth(&row, row.due_at - 1), 9);
    assert_eq!(tenth(&row, i64::MAX), 9);
    assert_eq!(tenth(&row, i64::MIN), 0);
    row.due_at = row.opened_at;
    assert_eq!(tenth(&row, row.due_at + DAY), 0);
}

/// What follows without exception is learnt, though no slope can be told of it.
#[test]
fn what_tells_everything_is_believed() {
    let past = past(13, 400, |depot, _| if depot == "north" { 1.0 } else { 0.0 });
    let (open, at) = open(401, 1);
    let hazard = told(&past, &open, &[], at).unwrap();
    assert_eq!(hazard.proof.known, Known::Learnt, "{:?}", hazard.proof);
    let (north, south) = chances(&hazard);
    assert!(north > 0.9 && south < 0.1, "{north} {south}");
}

/// Where shares are told, what stands in no fracture has the share of those in none.
#[test]
fn a_share_outside_of_fractures_does_not_count_them_in() {
    let past = past(17, 25, |depot, _| if depot == "north" { 0.9 } else { 0.05 });
    let (open, at) = open(26, 1);
    let hazard = told(&past, &open, &north(), at).unwrap();
    assert_eq!(hazard.proof.known, Known::TooFew);
    let (north, south) = chances(&hazard);
    assert!(north > 0.7 && south < 0.25, "{north} {south}");
    assert_eq!(hazard.risks["s"].like.0, 50);
}

/// What is held against was asked after everything that taught had come due: nobody knows sooner how that ends.
#[test]
fn nothing_is_held_against_before_what_taught_had_come_due() {
    let past = past(7, 400, |depot, _| if depot == "north" { 0.4 } else { 0.1 });
    let held = proof::prove(&past, i64::MAX).unwrap().held.unwrap();
    let mut due: Vec<i64> = past.rows.iter().map(|row| row.due_at).collect();
    due.sort_unstable();
    let since = i128::from(due[due.len() * 3 / 4 - 1]);
    let asked = past
        .rows
        .iter()
        .filter(|row| i128::from(row.due_at) > since);
    let asked = asked.filter(|row| {
        let mut at = model::tenths(row, 1).filter(|tenth| is_open_at(row, *tenth));
        at.any(|tenth| moment(row, tenth) >= since)
    });
    assert_eq!(held.cases, asked.count() as u64);
    let all = due.iter().filter(|due| i128::from(**due) > since).count() as u64;
    assert!(held.cases > 0 && held.cases < all);
}

/// Taken once it is surely nearer, given up when it is no nearer, and in between as it was before.
#[test]
fn a_choice_stays_until_something_else_is_sure() {
    let about = |value: f64| {
        let interval = Interval {
            low: value - 0.01,
            high: value + 0.01,
            confidence: 0.95,
        };
        let count = 100;
        Some(Ratio {
            value,
            interval,
            count,
        })
    };
    let taken = |gains: &[Option<Ratio>]| {
        let mut asked = 0;
        let gain = |back: i64| {
            asked = back + 1;
            Ok(gains.get(back as usize).copied().flatten())
        };
        let taken = proof::is_taken(gain).unwrap();
        (taken, asked)
    };
    let [unsure, sure, worse] = [0.005, 0.03, -0.005].map(about);
    assert_eq!(taken(&[sure]), (true, 1));
    assert_eq!(taken(&[worse, sure]), (false, 1));
    assert_eq!(taken(&[None, sure]), (false, 1));
    assert_eq!(taken(&[unsure, unsure, sure]), (true, 3));
    assert_eq!(taken(&[unsure, worse, sure]), (false, 2));
    // Nobody remembers how it was before.
    assert_eq!(taken(&[unsure; 9]), (false, 5));
}

/// Of one week every day tells by the same, whatever came due meanwhile.
#[test]
fn model_and_share_are_weighed_once_a_week() {
    let past = past(7, 400, |depot, _| if depot == "north" { 0.4 } else { 0.1 });
    let weighed = |day: i64| {
        let (open, at) = open(day, 1);
        told(&past, &open, &north(), at).unwrap().proof
    };
    let monday = (300..307).find(|day| {
        let (_, at) = open(*day, 1);
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        day.weekday() == jiff::civil::Weekday::Monday
    });
    let monday = monday.unwrap();
    let first = weighed(monday);
    for day in monday..monday + 7 {
        assert_eq!(weighed(day), first, "{day}");
    }
    let next = weighed(monday + 7);
    assert_eq!(next.weighed - first.weighed, 7 * DAY);
    assert!(next.held.unwrap().cases != first.held.unwrap().cases);
    // Those in a fracture that was known and those outside of it are all there were.
    let held = first.held.unwrap();
    assert_eq!(held.inside.cases + held.outside.cases, held.cases);
    assert_eq!(held.inside.came + held.outside.came, held.came);
    assert!((held.inside.expected + held.outside.expected - held.expected).abs() < 1e-9);
    let each = |apart: Apart| apart.expected / apart.cases as f64;
    assert!(each(held.inside) > 1.5 * each(held.outside), "{held:?}");
    let ratio = held.inside.ratio().unwrap();
    assert!((0.7..1.4).contains(&ratio), "{held:?}");
    assert_eq!(Apart::default().ratio(), None);
}

/// It broke until the end of what taught: whoever comes later stands in it too.
#[test]
fn a_fracture_that_lasts_goes_on_after_what_taught() {
    let past = past(19, 400, |_, day| if day >= 200 { 0.5 } else { 0.05 });
    let held = proof::prove(&past, i64::MAX).unwrap().held.unwrap();
    assert!(held.cases > 100, "{held:?}");
    assert_eq!(held.inside.cases, held.cases, "{held:?}");
    let ratio = held.inside.ratio().unwrap();
    assert!((0.7..1.3).contains(&ratio), "{held:?}");
}
