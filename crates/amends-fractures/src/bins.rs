//! How the values of an attribute are told apart: each by itself, numbers by ranges, days and moments by months.
//!
//! Ranges come from the first instances that were ever opened, in round numbers, so that what is opened later moves none. A place about which something was
//! decided keeps the range that its name says, whatever the ranges are by then (rule 14).

use amends_model::time;
use arrow::datatypes::DataType;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// So many of the first instances say what the ranges of numbers are.
pub const CALIBRATED_BY: usize = 1_000;

/// Numbers of so few different values are told apart each by itself.
const FEW: usize = 12;

/// Ranges with about as many values in each.
const RANGES: usize = 5;

/// The range of all numbers.
const ANY: &str = "any number";

/// What kind of value a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words, truths and lists of words.
    Word,
    /// Whole and other numbers.
    Number,
    /// Days and moments.
    Moment,
}

impl Kind {
    /// The kind of a column of events.
    pub fn of(of: &DataType) -> Self {
        match of {
            DataType::Int64 | DataType::Int32 | DataType::Float64 => Kind::Number,
            DataType::Date32 | DataType::Timestamp(..) => Kind::Moment,
            _ => Kind::Word,
        }
    }
}

/// How values are told apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Bins {
    /// Each by itself.
    Each,
    /// Between these bounds, which are numbers in growing order; a bound belongs to the range above it.
    Ranges(Vec<f64>),
    /// By the month of the company's calendar.
    Months,
}

impl Bins {
    /// The bins of an attribute, from the values that its first instances have.
    pub fn new<'a>(kind: Kind, first: impl Iterator<Item = &'a str>) -> Self {
        match kind {
            Kind::Word => Bins::Each,
            Kind::Moment => Bins::Months,
            Kind::Number => ranges(first.filter_map(number).collect()),
        }
    }

    /// The bin of a value: a number for its place among bins, and its name. What is not a number or moment is its own bin, empty included.
    pub fn bin(&self, value: &str, zone: &TimeZone) -> (u32, String) {
        match self {
            Bins::Each => (0, value.to_owned()),
            Bins::Ranges(bounds) => match number(value) {
                Some(number) => {
                    let place = bounds.partition_point(|bound| *bound <= number);
                    // There are few ranges.
                    (place as u32, range(bounds, place))
                }
                None => (u32::MAX, value.to_owned()),
            },
            Bins::Months => match day(value, zone) {
                Some(day) => (0, format!("{:04}-{:02}", day.year(), day.month())),
                None => (u32::MAX, value.to_owned()),
            },
        }
    }
}

fn number(value: &str) -> Option<f64> {
    value.parse().ok().filter(|number: &f64| number.is_finite())
}

fn day(value: &str, zone: &TimeZone) -> Option<Date> {
    match value.parse::<Timestamp>() {
        Ok(moment) => Some(zone.to_datetime(moment).date()),
        Err(_) => value.parse().ok(),
    }
}

/// Ranges that hold about as many numbers each; none where there are few different ones.
fn ranges(mut numbers: Vec<f64>) -> Bins {
    numbers.sort_by(f64::total_cmp);
    let mut different = numbers.clone();
    different.dedup();
    if different.len() <= FEW {
        return Bins::Each;
    }
    let quantile = |part: usize| numbers[numbers.len() * part / RANGES];
    let quantiles: Vec<f64> = (1..RANGES).map(quantile).collect();
    let mut bounds: Vec<f64> = (0..quantiles.len())
        .map(|place| {
            let apart = |other: &f64| (other - quantiles[place]).abs();
            let others = quantiles.iter().map(apart).filter(|apart| *apart > 0.0);
            round(quantiles[place], others.fold(f64::INFINITY, f64::min))
        })
        .collect();
    bounds.dedup();
    Bins::Ranges(bounds)
}

/// A number in so few digits that it stays nearer to itself than to another one that lies so far from it.
fn round(number: f64, apart: f64) -> f64 {
    if !apart.is_finite() {
        return number;
    }
    let power = apart.log10().floor();
    let rounded = (number / 10_f64.powf(power)).round();
    // The text is a number, and its digits are those that a person would write.
    format!("{rounded}e{power}").parse().unwrap_or(number)
}

/// Whether a value lies in the bin of a name, whatever the bins are now.
pub(crate) fn lies_in(value: &str, name: &str) -> bool {
    let Some(value_of) = number(value) else {
        return value == name;
    };
    if let Some((below, above)) = name.split_once(" to below ") {
        let bounds = number(below).zip(number(above));
        return bounds.is_some_and(|(below, above)| (below..above).contains(&value_of));
    }
    if let Some(above) = name.strip_prefix("below ").and_then(number) {
        return value_of < above;
    }
    if let Some(below) = name.strip_suffix(" or more").and_then(number) {
        return value_of >= below;
    }
    name == ANY || value == name || number(name) == Some(value_of)
}

fn range(bounds: &[f64], place: usize) -> String {
    let below = place.checked_sub(1).and_then(|before| bounds.get(before));
    match (below, bounds.get(place)) {
        (None, Some(above)) => format!("below {above}"),
        (Some(below), Some(above)) => format!("{below} to below {above}"),
        (Some(below), None) => format!("{below} or more"),
        (None, None) => ANY.into(),
    }
}

/// The first of a set of instances, by when they were opened: those that calibrate. Ties are all among them, so that no order of rows decides.
pub fn first_opened(opened_at: &[i64]) -> Vec<usize> {
    let mut moments = opened_at.to_vec();
    let last = match moments.len() {
        0 => return Vec::new(),
        length => {
            let place = CALIBRATED_BY.min(length) - 1;
            *moments.select_nth_unstable(place).1
        }
    };
    let rows = opened_at.iter().enumerate();
    rows.filter(|(_, at)| **at <= last)
        .map(|(row, _)| row)
        .collect()
}

/// The day on which a moment lies, in microseconds of UTC.
pub(crate) fn day_of(micros: i64, zone: &TimeZone) -> Date {
    let moment = time::from_micros(micros).unwrap_or(Timestamp::MAX);
    zone.to_datetime(moment).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use amends_testkit::proptest::prelude::*;

    fn names(bins: &Bins, values: &[&str]) -> Vec<String> {
        let vienna = time::zone("Europe/Vienna").unwrap();
        let name = |value: &&str| bins.bin(value, &vienna).1;
        values.iter().map(name).collect()
    }

    #[test]
    fn numbers_are_told_apart_by_round_ranges_that_are_told() {
        let values: Vec<String> = (0..1_000).map(|number| (number * 3).to_string()).collect();
        let bins = Bins::new(Kind::Number, values.iter().map(String::as_str));
        assert_eq!(bins, Bins::Ranges(vec![600.0, 1_200.0, 1_800.0, 2_400.0]));
        let told = names(&bins, &["-1", "599.9", "600", "1799", "2400", "", "n/a"]);
        let expected = [
            "below 600",
            "below 600",
            "600 to below 1200",
            "1200 to below 1800",
            "2400 or more",
            "",
            "n/a",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn few_numbers_and_words_are_each_by_themselves_and_moments_are_months() {
        let few = Bins::new(Kind::Number, ["1", "2", "1"].into_iter());
        assert_eq!(names(&few, &["1", "7", ""]), ["1", "7", ""]);
        let many: Vec<String> = (0..99).map(|word| word.to_string()).collect();
        let words = Bins::new(Kind::Word, many.iter().map(String::as_str));
        assert_eq!(names(&words, &["01067"]), ["01067"]);
        let moments = ["2018-03-10", "2018-03-31T23:30:00Z", ""];
        let bins = Bins::new(Kind::Moment, moments.into_iter());
        assert_eq!(names(&bins, &moments), ["2018-03", "2018-04", ""]);
    }

    /// Numbers of releases that lie close together are told apart too.
    #[test]
    fn a_narrow_spread_has_ranges() {
        let values: Vec<String> = (1_010..1_050).map(|number| number.to_string()).collect();
        let bins = Bins::new(Kind::Number, values.iter().map(String::as_str));
        assert_eq!(bins, Bins::Ranges(vec![1_018.0, 1_026.0, 1_034.0, 1_042.0]));
        let small: Vec<String> = (0..40).map(|number| format!("0.{number:03}")).collect();
        let bins = Bins::new(Kind::Number, small.iter().map(String::as_str));
        assert_eq!(
            names(&bins, &["0.01", "0.02"]),
            ["0.008 to below 0.016", "0.016 to below 0.024"]
        );
    }

    #[test]
    fn a_value_lies_in_the_bin_of_a_name_whatever_the_bins_are() {
        for (value, name, expected) in [
            ("6.5", "6 or more", true),
            ("5.9", "6 or more", false),
            ("5", "below 6", true),
            ("6", "below 6", false),
            ("6", "6 to below 9", true),
            ("9", "6 to below 9", false),
            ("7.0", "7", true),
            ("", "", true),
            ("", "6 or more", false),
            ("n/a", "n/a", true),
            ("3", ANY, true),
        ] {
            assert_eq!(lies_in(value, name), expected, "{value} in {name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_opened_later_moves_no_range(
            early in prop::collection::vec(0..5_000_i64, CALIBRATED_BY..CALIBRATED_BY + 20),
            later in prop::collection::vec(any::<i32>(), 0..50),
        ) {
            let of = |numbers: &[i64]| {
                let opened: Vec<i64> = (0..numbers.len() as i64).collect();
                let first = first_opened(&opened);
                let values: Vec<String> = first.iter().map(|row| numbers[*row].to_string()).collect();
                Bins::new(Kind::Number, values.iter().map(String::as_str))
            };
            let mut all = early.clone();
            all.extend(later.iter().map(|number| i64::from(*number)));
            prop_assert_eq!(of(&early), of(&all));
        }

        #[test]
        fn every_number_has_the_range_that_its_name_says(numbers in prop::collection::vec(-1e6..1e6_f64, 13..80), one in -2e6..2e6_f64) {
            let values: Vec<String> = numbers.iter().map(f64::to_string).collect();
            let bins = Bins::new(Kind::Number, values.iter().map(String::as_str));
            let name = bins.bin(&one.to_string(), &TimeZone::UTC).1;
            let bounds: Vec<f64> = name.split(' ').filter_map(|word| word.parse().ok()).collect();
            let holds = match (name.starts_with("below"), bounds.as_slice()) {
                (true, [above]) => one < *above,
                (false, [below, above]) => one >= *below && one < *above,
                (false, [below]) => one >= *below,
                _ => false,
            };
            prop_assert!(holds, "{} in {}", one, name);
            prop_assert!(lies_in(&one.to_string(), &name));
        }
    }
}
