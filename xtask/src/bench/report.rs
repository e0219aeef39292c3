//! What was measured, as a table for people and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::side::Side;

/// One line: a work at one size.
pub(super) struct Measured {
    /// What was done.
    pub(super) work: String,
    /// Over how many events.
    pub(super) events: u64,
    /// The program.
    pub(super) ours: Side,
    /// What it is held against, and its name; none where a work has no other side.
    pub(super) theirs: Option<(&'static str, Side)>,
}

impl Measured {
    /// How many times as much as the other side it took, by one of the times.
    fn ratio(&self, time: impl Fn(&Side) -> f64) -> Option<f64> {
        let (_, theirs) = self.theirs.as_ref()?;
        Some(time(&self.ours) / time(theirs))
    }

    fn json(&self) -> Value {
        let side = |side: &Side| {
            json!({
                "seconds": side.seconds,
                "each": side.each,
                "busy_seconds": side.busy_seconds,
                "peak_bytes": side.peak_bytes,
                "events_per_second": self.events as f64 / side.seconds,
            })
        };
        json!({
            "work": self.work,
            "events": self.events,
            "amends": side(&self.ours),
            "against": self.theirs.as_ref().map(|(name, _)| name),
            "other": self.theirs.as_ref().map(|(_, theirs)| side(theirs)),
            "ratio": self.ratio(|side| side.seconds),
            "busy_ratio": self.ratio(|side| side.busy_seconds),
        })
    }
}

/// The lines as JSON.
pub(super) fn json(lines: &[Measured]) -> String {
    let lines: Vec<Value> = lines.iter().map(Measured::json).collect();
    format!("{:#}", Value::from(lines))
}

/// The lines as a table of Markdown, so that it can be kept. Behind each time stands, in brackets, how long processors worked.
pub(super) fn table(lines: &[Measured]) -> String {
    let mut table = String::from(
        "| work | events | amends | events/s | peak | against | time | peak | ratio |\n\
         |---|---:|---:|---:|---:|---|---:|---:|---:|\n",
    );
    for line in lines {
        let (against, time, peak) = match &line.theirs {
            Some((name, side)) => (*name, seconds(side), megabytes(side)),
            None => ("-", "-".into(), "-".into()),
        };
        let ratios = line.ratio(|side| side.seconds);
        let ratios = ratios.zip(line.ratio(|side| side.busy_seconds));
        let ratios = ratios.map(|(time, busy)| format!("{} ({})", share(time), share(busy)));
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {against} | {time} | {peak} | {} |",
            line.work,
            grouped(line.events),
            seconds(&line.ours),
            grouped((line.events as f64 / line.ours.seconds) as u64),
            megabytes(&line.ours),
            ratios.unwrap_or_else(|| "-".into()),
        );
    }
    table.truncate(table.trim_end().len());
    table
}

fn seconds(side: &Side) -> String {
    format!("{:.3} s ({:.3})", side.seconds, side.busy_seconds)
}

/// A ratio; of one below a hundredth more digits, so that something is left of it.
fn share(ratio: f64) -> String {
    if ratio < 0.01 {
        format!("{ratio:.5}")
    } else {
        format!("{ratio:.2}")
    }
}

fn megabytes(side: &Side) -> String {
    format!("{} MiB", grouped(side.peak_bytes >> 20))
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(seconds: f64, busy_seconds: f64) -> Side {
        Side {
            seconds,
            busy_seconds,
            each: vec![seconds],
            peak_bytes: 3 << 20,
        }
    }

    fn lines() -> [Measured; 2] {
        let line = |theirs| Measured {
            work: "import".into(),
            events: 1_000_000,
            ours: side(2.0, 3.0),
            theirs,
        };
        [line(Some(("DuckDB", side(4.0, 4.0)))), line(None)]
    }

    #[test]
    fn a_line_shows_both_sides_and_their_ratio() {
        let table = table(&lines());
        let mut rows = table.lines().skip(2);
        assert_eq!(
            rows.next(),
            Some(
                "| import | 1,000,000 | 2.000 s (3.000) | 500,000 | 3 MiB | DuckDB | 4.000 s (4.000) | 3 MiB | 0.50 (0.75) |"
            )
        );
        assert_eq!(
            rows.next(),
            Some("| import | 1,000,000 | 2.000 s (3.000) | 500,000 | 3 MiB | - | - | - | - |")
        );
    }

    #[test]
    fn of_a_small_ratio_something_is_left() {
        assert_eq!(
            [0.00213, 0.0134, 1.758].map(share),
            ["0.00213", "0.01", "1.76"]
        );
    }

    #[test]
    fn json_says_the_same_as_the_table() {
        let read: Value = serde_json::from_str(&json(&lines())).unwrap();
        assert_eq!(read[0]["ratio"], 0.5);
        assert_eq!(read[0]["busy_ratio"], 0.75);
        assert_eq!(read[0]["amends"]["events_per_second"], 500_000.0);
        assert_eq!(read[0]["other"]["seconds"], 4.0);
        assert_eq!(read[1]["ratio"], Value::Null);
    }

    #[test]
    fn thousands_stand_apart() {
        let written = [0, 12, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(written, ["0", "12", "999", "1,000", "1,234,567"]);
    }
}
