//! Numbers of a workbook as text: a number as it would be shown with all its digits, a day or a moment as ISO 8601.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;

use amends_project::definition::{ColumnRule, ColumnType};

use super::styles::Shows;

/// From when a workbook counts its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    /// 1 is 1900-01-01, and 60 a 29th of February that never was.
    From1900,
    /// 0 is 1904-01-01.
    From1904,
}

/// The last day that a workbook knows: 9999-12-31.
const LAST: f64 = 2_958_466.0;

/// What a cell with a number says in its column.
pub(super) fn of_number(
    written: &str,
    shows: Shows,
    rule: Option<&ColumnRule>,
    days: Days,
) -> String {
    let kind = rule.map_or(ColumnType::Text, |rule| rule.kind);
    let format = rule.and_then(|rule| rule.format.as_deref());
    let number = written.trim().parse::<f64>().ok();
    let moment = || moment(number?, days);
    let said = match kind {
        // A column that is declared as one of days holds days, also where a cell is not shown as one.
        ColumnType::Date | ColumnType::Month | ColumnType::Timestamp => {
            moment().map(|moment| of_moment(moment, kind, format))
        }
        ColumnType::Text => match shows {
            Shows::Number => None,
            Shows::Day => moment().map(|moment| of_moment(moment, ColumnType::Date, None)),
            Shows::Time => moment().map(|moment| of_moment(moment, ColumnType::Timestamp, None)),
        },
        _ => None,
    };
    said.unwrap_or_else(|| plain(written.trim(), number))
}

/// What a cell with a date in ISO 8601 says in its column: workbooks of the strict kind write them so.
pub(super) fn of_date(written: &str, rule: Option<&ColumnRule>) -> String {
    let kind = rule.map_or(ColumnType::Text, |rule| rule.kind);
    let format = rule.and_then(|rule| rule.format.as_deref());
    let day = || written.parse::<Date>().ok().map(|day| day.at(0, 0, 0, 0));
    let moment = written.trim_end_matches('Z').parse::<DateTime>().ok();
    let kind = match kind {
        ColumnType::Date | ColumnType::Month | ColumnType::Timestamp => kind,
        _ if written.len() == 10 => ColumnType::Date,
        _ => ColumnType::Timestamp,
    };
    match moment.or_else(day) {
        Some(moment) => of_moment(moment, kind, format),
        None => written.to_owned(),
    }
}

/// A moment as a column of a type reads it. A column of days shows a time of the day too where there is one: it is then no day.
fn of_moment(moment: DateTime, kind: ColumnType, format: Option<&str>) -> String {
    let is_day = moment.time() == jiff::civil::Time::midnight();
    let formatted = format.and_then(|format| strtime::format(format, moment).ok());
    match (formatted, kind) {
        (Some(formatted), ColumnType::Timestamp) => formatted,
        (Some(formatted), _) if is_day => formatted,
        (None, ColumnType::Month) if is_day => moment.date().strftime("%Y-%m").to_string(),
        (None, ColumnType::Date) if is_day => moment.date().to_string(),
        _ => moment.to_string(),
    }
}

/// The moment of a number of days, to the millisecond. Below the first day there are only times, and no moments.
fn moment(number: f64, days: Days) -> Option<DateTime> {
    let first = match days {
        Days::From1900 => 1.0,
        Days::From1904 => 0.0,
    };
    if !(first..LAST).contains(&number) {
        return None;
    }
    let whole = number.trunc();
    let start = match days {
        Days::From1904 => Date::new(1904, 1, 1),
        // The day that never was is none.
        Days::From1900 if whole == 60.0 => return None,
        Days::From1900 if whole < 60.0 => Date::new(1899, 12, 31),
        Days::From1900 => Date::new(1899, 12, 30),
    };
    let millis = ((number - whole) * 86_400_000.0).round() as i64;
    let day = start.ok()?.checked_add((whole as i32).days()).ok()?;
    day.at(0, 0, 0, 0).checked_add(millis.milliseconds()).ok()
}

/// A number with the fifteen digits that a workbook keeps, without an exponent where that is readable. Whole numbers stay as they are written.
fn plain(written: &str, number: Option<f64>) -> String {
    let digits = written.strip_prefix('-').unwrap_or(written);
    let is_whole = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let Some(number) = number.filter(|number| number.is_finite() && !is_whole) else {
        return written.to_owned();
    };
    let size = number.abs();
    if size != 0.0 && !(1e-9..1e21).contains(&size) {
        return format!("{number:e}");
    }
    let before = if size < 1.0 {
        1
    } else {
        size.log10().floor() as i32 + 1
    };
    let leading = match size < 1.0 && size > 0.0 {
        true => (-size.log10()).floor() as i32,
        false => 0,
    };
    let decimals = (15 - before + leading + i32::from(size < 1.0)).clamp(0, 24) as usize;
    let text = format!("{number:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    match text {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use amends_model::Currency;
    use amends_project::Place;

    use super::*;

    fn rule(kind: ColumnType, format: Option<&str>) -> ColumnRule {
        ColumnRule {
            kind,
            format: format.map(str::to_owned),
            place: Place::default(),
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_shown() {
        for (written, shown) in [
            ("12345", "12345"),
            ("12345.0", "12345"),
            ("0042", "0042"),
            ("123456789012345678", "123456789012345678"),
            ("199.90000000000001", "199.9"),
            ("0.1", "0.1"),
            ("0.30000000000000004", "0.3"),
            ("1.2345E+10", "12345000000"),
            ("1E-3", "0.001"),
            ("-0.0", "0"),
            ("-17.5", "-17.5"),
            ("1e300", "1e300"),
            ("1.5e-12", "1.5e-12"),
            ("nonsense", "nonsense"),
            ("NaN", "NaN"),
            ("", ""),
        ] {
            let read = of_number(written, Shows::Number, None, Days::From1900);
            assert_eq!(read, shown, "{written}");
        }
        let money = rule(ColumnType::Money(Currency::parse("EUR").unwrap()), None);
        let read = of_number("43160", Shows::Day, Some(&money), Days::From1900);
        assert_eq!(read, "43160");
    }

    #[test]
    fn days_are_counted_from_1900_or_1904() {
        let date = rule(ColumnType::Date, None);
        for (written, days, shown) in [
            ("1", Days::From1900, "1900-01-01"),
            ("59", Days::From1900, "1900-02-28"),
            // The day that never was stays a number, which is no day.
            ("60", Days::From1900, "60"),
            ("61", Days::From1900, "1900-03-01"),
            ("43160", Days::From1900, "2018-03-01"),
            ("41698", Days::From1904, "2018-03-01"),
            ("0", Days::From1904, "1904-01-01"),
            ("2958465", Days::From1900, "9999-12-31"),
            ("2958466", Days::From1900, "2958466"),
            ("0.5", Days::From1900, "0.5"),
            ("-1", Days::From1904, "-1"),
            ("43160.5", Days::From1900, "2018-03-01T12:00:00"),
        ] {
            let read = of_number(written, Shows::Day, Some(&date), days);
            assert_eq!(read, shown, "{written}");
        }
    }

    #[test]
    fn a_moment_is_read_as_its_column_wants_it() {
        let read = |written: &str, shows, rule: Option<&ColumnRule>| {
            of_number(written, shows, rule, Days::From1900)
        };
        let timestamp = rule(ColumnType::Timestamp, None);
        let european = rule(ColumnType::Date, Some("%d.%m.%Y"));
        let month = rule(ColumnType::Month, None);
        assert_eq!(read("43160", Shows::Day, None), "2018-03-01");
        assert_eq!(read("43160.75", Shows::Time, None), "2018-03-01T18:00:00");
        assert_eq!(
            read("43160", Shows::Number, Some(&timestamp)),
            "2018-03-01T00:00:00"
        );
        // A third of a day is not exact in binary: to the millisecond it is.
        assert_eq!(
            read("43160.333333333336", Shows::Time, Some(&timestamp)),
            "2018-03-01T08:00:00"
        );
        assert_eq!(
            read("43160.99999999999", Shows::Time, Some(&timestamp)),
            "2018-03-02T00:00:00"
        );
        assert_eq!(read("43160", Shows::Day, Some(&european)), "01.03.2018");
        assert_eq!(read("43160", Shows::Day, Some(&month)), "2018-03");
        assert_eq!(
            of_date("2018-03-01", Some(&timestamp)),
            "2018-03-01T00:00:00"
        );
        assert_eq!(
            of_date("2018-03-01T00:00:00Z", Some(&european)),
            "01.03.2018"
        );
        assert_eq!(of_date("soon", None), "soon");
    }
}
