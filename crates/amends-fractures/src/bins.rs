//! How the values of an attribute are told apart: each by itself, numbers by ranges, days and moments by months.
//!
//! Ranges are frozen (rule 14): they come from the first instances that were ever opened, in round numbers, so that what is opened later moves none.

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
    let mut bounds: Vec<f64> = (1..RANGES).map(|part| round(quantile(part))).collect();
    bounds.dedup();
    Bins::Ranges(bounds)
}

/// A number in two significant digits.
fn round(number: f64) -> f64 {
    if number == 0.0 {
        return 0.0;
    }
    // The text is a number, and its digits are those that a person would write.
    format!("{number:.1e}").parse().unwrap_or(number)
}

fn range(bounds: &[f64], place: usize) -> String {
    let below = place.checked_sub(1).and_then(|before| bounds.get(before));
    match (below, bounds.get(place)) {
        (None, Some(above)) => format!("below {above}"),
        (Some(below), Some(above)) => format!("{below} to below {above}"),
        (Some(below), None) => format!("{below} or more"),
        (None, None) => "any number".into(),
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
        }
    }
}
