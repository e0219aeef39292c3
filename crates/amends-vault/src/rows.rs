//! Statements over many rows at once: how many at a time, and the text of their places.

use std::fmt::Write;
use std::ops::Range;

use sqlx::AssertSqlSafe;

/// Most values in one statement. The time that sqlx takes to bind them to SQLite's numbered places grows with their square.
const VALUES: usize = 96;

/// Cuts so many rows into portions of few different lengths, so that few different statements are prepared.
pub(crate) fn portions(rows: usize, columns: usize) -> impl Iterator<Item = Range<usize>> {
    let most = VALUES / columns;
    let mut done = 0;
    std::iter::from_fn(move || {
        let portion = [most, most / 8, 1]
            .into_iter()
            .find(|length| *length <= rows - done)?;
        done += portion;
        (portion > 0).then_some(done - portion..done)
    })
}

/// A statement with `{rows}` replaced by the places of so many rows: `($1, $2), ($3, $4)`, or `$1, $2` where a row is one value.
pub(crate) fn with_rows(sql: &str, rows: usize, columns: usize) -> AssertSqlSafe<String> {
    let mut places = String::with_capacity(rows * (6 * columns + 4));
    for row in 0..rows {
        places.push_str(if row > 0 { ", " } else { "" });
        places.push_str(if columns > 1 { "(" } else { "" });
        for column in 0..columns {
            let comma = if column > 0 { ", " } else { "" };
            // Writing to a string cannot fail.
            let _ = write!(places, "{comma}${}", row * columns + column + 1);
        }
        places.push_str(if columns > 1 { ")" } else { "" });
    }
    // Only numbers of places are put into the text, never a value.
    AssertSqlSafe(sql.trim_end().replace("{rows}", &places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_cover_every_row_once() {
        for rows in [0, 1, 7, 8, 575, 576, 1100] {
            for columns in [1, 3, 7] {
                let all: Vec<usize> = portions(rows, columns).flatten().collect();
                assert_eq!(all, (0..rows).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn places_are_numbered_through() {
        assert_eq!(
            with_rows("VALUES {rows}", 2, 2).0,
            "VALUES ($1, $2), ($3, $4)"
        );
        assert_eq!(with_rows("IN ({rows})\n", 3, 1).0, "IN ($1, $2, $3)");
    }
}
