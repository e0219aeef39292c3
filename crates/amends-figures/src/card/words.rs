//! Numbers and periods as one reads them aloud.

use amends_model::Period;

/// A number with its word: `no guests`, `one guest`, `1,234 guests`.
pub(super) fn many(count: u64, one: &str, several: &str) -> String {
    match count {
        0 => format!("no {several}"),
        1 => format!("one {one}"),
        _ => format!("{} {several}", number(count)),
    }
}

/// A number by itself: `none`, `one`, `1,234`.
pub(super) fn alone(count: u64) -> String {
    match count {
        0 => "none".into(),
        1 => "one".into(),
        _ => number(count),
    }
}

/// A number with its thousands apart.
pub(super) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A period as in a sentence: `March 2018`, `the first quarter of 2018`, `2018`.
pub(super) fn period(period: Period) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const QUARTERS: [&str; 4] = ["first", "second", "third", "fourth"];
    let day = period.first_day();
    let month = usize::from(day.month().unsigned_abs().clamp(1, 12)) - 1;
    match period.months() {
        12 => day.year().to_string(),
        3 => format!("the {} quarter of {}", QUARTERS[month / 3], day.year()),
        _ => format!("{} {}", MONTHS[month], day.year()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_periods_read_well() {
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(12_345_678), "12,345,678");
        assert_eq!(many(1, "guest", "guests"), "one guest");
        assert_eq!(many(0, "guest", "guests"), "no guests");
        let read = |text| period(Period::parse(text).unwrap());
        assert_eq!(read("2018-03"), "March 2018");
        assert_eq!(read("2018-Q4"), "the fourth quarter of 2018");
        assert_eq!(read("2018"), "2018");
    }
}
