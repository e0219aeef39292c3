//! Invented instances in which it is known what there is to find.

use amends_stats::subgroups::Table;
use amends_testkit::proptest::prelude::*;
use jiff::civil::date;

use super::*;
use crate::discover::{self, Discovery, discover_in};
use arrow::array::StringArray;

/// An instance: let down or not, the day on which it was made, counted from 2024-01-01, and its attributes.
#[derive(Clone, Debug)]
pub(crate) struct Invented {
    pub(crate) let_down: bool,
    pub(crate) day: i64,
    pub(crate) depot: Vec<String>,
    pub(crate) weight: String,
}

fn person_of(number: u64) -> IdentifierId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_le_bytes());
    IdentifierId(id)
}

pub(crate) fn exposed(all: &[Invented]) -> Exposed {
    let start = date(2024, 1, 1)
        .to_zoned(TimeZone::UTC)
        .unwrap()
        .timestamp();
    let rows = all.iter().zip(0_u64..).map(|(one, person)| {
        let opened_at = start.as_microsecond() + (one.day * 24 + 10) * 3_600_000_000;
        let due_at = opened_at + 3 * 86_400_000_000;
        Row {
            customer: person_of(person),
            about: String::new(),
            is_let_down: one.let_down,
            serious: u8::from(one.let_down),
            opened_at,
            due_at,
            closed_at: due_at,
            known_at: due_at,
        }
    });
    let (mut depots, mut weights) = (Words::default(), Words::default());
    for one in all {
        depots.add(&StringArray::from(one.depot.clone())).unwrap();
        weights
            .add(&StringArray::from(vec![one.weight.clone()]))
            .unwrap();
    }
    let names = vec!["depot".into(), "weight".into()];
    let kinds = [Kind::Word, Kind::Number];
    let words = vec![depots, weights];
    let rows: Vec<Row> = rows.collect();
    let scales = scales(&rows, &words, &kinds);
    Exposed::new(
        rows,
        names,
        words,
        scales,
        Times {
            are_known: true,
            are_due: true,
        },
        &TimeZone::UTC,
    )
    .unwrap()
}

/// Numbers that look like chance and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        // D. E. Knuth's multiplier; the upper bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// A year of instances, of which so many in a hundred are let-downs by depot and day.
    fn year(&mut self, count: usize, percent: impl Fn(u64, i64) -> u64) -> Vec<Invented> {
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            let (depot, day, weight) = (self.below(5), self.below(365) as i64, self.below(900));
            all.push(Invented {
                let_down: self.below(100) < percent(depot, day),
                day,
                depot: vec![format!("depot {depot}")],
                weight: weight.to_string(),
            });
        }
        all
    }
}

fn places(discovery: &Discovery) -> Vec<String> {
    let found = discovery.found.iter();
    found.map(|one| one.place.to_string()).collect()
}

#[test]
fn a_depot_that_breaks_from_a_day_on_is_one_place_with_its_week() {
    // The 203rd day is Monday, 2024-07-22.
    for seed in 0..5 {
        let late = |depot, day| if depot == 3 && day >= 203 { 32 } else { 5 };
        let exposed = exposed(&Numbers(seed).year(4_000, late));
        let found = discover::discover(&exposed).unwrap();
        assert_eq!(found.found.len(), 1, "seed {seed}: {:?}", places(&found));
        let place = &found.found[0].place;
        assert_eq!(place.parts[0].value, "depot 3");
        let since = place.since.unwrap();
        let off = since.duration_since(date(2024, 7, 22)).as_hours() / 24;
        assert!(off.abs() <= 7, "seed {seed}: since {since}");
    }
}

/// At most five of a hundred tables in which chance deals the outcome show a place: what is shown is controlled at 5 %.
#[test]
fn where_the_outcome_is_shuffled_hardly_ever_a_place_is_found() {
    let late = |depot, day| if depot == 3 && day >= 203 { 32 } else { 5 };
    let exposed = exposed(&Numbers(1).year(1_500, late));
    let table = exposed.table().unwrap();
    let mut numbers = Numbers(99);
    let mut hits: Vec<bool> = exposed.rows.iter().map(|row| row.is_let_down).collect();
    let (runs, mut shown) = (100, 0);
    for _ in 0..runs {
        for place in (1..hits.len()).rev() {
            hits.swap(place, numbers.below(place as u64 + 1) as usize);
        }
        let shuffled = Table::new(
            hits.clone(),
            (0..hits.len() as u32).collect(),
            table.attributes().to_vec(),
        )
        .unwrap();
        shown += usize::from(!discover_in(&exposed, &shuffled).found.is_empty());
    }
    assert!(!discover_in(&exposed, &table).found.is_empty());
    assert!(shown <= 5, "{shown} of {runs}");
}

#[test]
fn several_values_count_in_each_and_empty_is_a_value() {
    let one = |depots: &[&str]| Invented {
        let_down: !depots.contains(&""),
        day: 0,
        depot: depots.iter().map(|depot| (*depot).to_owned()).collect(),
        weight: "1".into(),
    };
    let exposed = exposed(&[one(&["north", "south"]), one(&[""]), one(&["south"])]);
    let within = |value: &str| {
        let part = Part {
            attribute: "depot".into(),
            value: value.into(),
        };
        exposed.within(&Where::new(vec![part], None, None))
    };
    assert_eq!(within("south"), [0, 2]);
    assert_eq!(within("north"), [0]);
    assert_eq!(within(""), [1]);
    assert_eq!(within("west"), [] as [u32; 0]);
}

#[test]
fn where_nothing_stands_and_all_were_let_down_it_says_how_it_ended_and_no_place() {
    let late = |depot, _| if depot == 3 { 30 } else { 5 };
    let mut all = Numbers(2).year(2_000, late);
    for one in all.iter_mut().take(80) {
        (one.depot, one.let_down) = (vec![String::new()], true);
    }
    let told = |all: &[Invented]| places(&discover::discover(&exposed(all)).unwrap());
    assert_eq!(told(&all), ["depot depot 3"]);
    // One that was kept makes it a place as any other.
    all[0].let_down = false;
    assert!(told(&all).contains(&"depot (none)".to_owned()));
}

#[test]
fn a_place_since_a_day_holds_what_was_made_from_that_week_on() {
    let one = |day| Invented {
        let_down: true,
        day,
        depot: vec!["north".into()],
        weight: "1".into(),
    };
    let exposed = exposed(&[one(6), one(7), one(30)]);
    let since = |since| exposed.within(&Where::new(Vec::new(), Some(since), None));
    assert_eq!(since(date(2024, 1, 1)), [0, 1, 2]);
    assert_eq!(since(date(2023, 1, 1)), [0, 1, 2]);
    assert_eq!(since(date(2024, 1, 8)), [1, 2]);
    assert_eq!(since(date(2025, 1, 6)), [] as [u32; 0]);
    assert_eq!(exposed.within(&Where::default()), [0, 1, 2]);
}

#[test]
fn times_are_attributes_of_their_own() {
    let exposed = exposed(&Numbers(5).year(50, |_, _| 50));
    let names: Vec<&str> = exposed
        .attributes
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let expected = ["depot", "weight", "opened-weekday", "due-weekday", "opened"];
    assert_eq!(names, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_order_of_instances_means_nothing(seed in any::<u64>(), turn in 0..600_usize) {
        let late = |depot, day| if depot == 2 && day >= 100 { 40 } else { 5 };
        let all = Numbers(seed).year(600, late);
        let mut turned = all.clone();
        turned.rotate_left(turn);
        turned.reverse();
        let found = |all: &[Invented]| discover::discover(&exposed(all)).unwrap();
        prop_assert_eq!(found(&all), found(&turned));
    }
}
