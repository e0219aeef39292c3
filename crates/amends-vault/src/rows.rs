//! Statements over many rows at once: how many at a time, and the text of their places.

use std::ops::Range;

use sqlx::AssertSqlSafe;

/// Most values in one statement: with fewer, handing statements to the database's thread takes longer than what they do.
const VALUES: usize = 768;

/// Most bytes of text in one statement, unless one row has more.
const BYTES: usize = 1 << 20;

/// Cuts so many rows into portions of few different lengths, so that few different statements are prepared.
pub(crate) fn portions(rows: usize, columns: usize) -> impl Iterator<Item = Range<usize>> {
    cut(rows, columns, |_| true)
}

/// The same for rows with texts of these sizes in bytes: fewer at once where they are long, since a portion is held several times over.
pub(crate) fn portions_of(
    sizes: &[usize],
    columns: usize,
) -> impl Iterator<Item = Range<usize>> + '_ {
    cut(sizes.len(), columns, |rows| {
        sizes[rows].iter().sum::<usize>() <= BYTES
    })
}

fn cut(
    rows: usize,
    columns: usize,
    fits: impl Fn(Range<usize>) -> bool,
) -> impl Iterator<Item = Range<usize>> {
    let most = VALUES / columns;
    let mut done = 0;
    std::iter::from_fn(move || {
        let length = [most, most / 8, 1].into_iter().find(|length| {
            let is_there = *length <= rows - done;
            is_there && (*length == 1 || fits(done..done + length))
        })?;
        done += length;
        Some(done - length..done)
    })
}

/// A statement for SQLite, with `{rows}` replaced by the places of so many rows: `(?, ?), (?, ?)`, or `?, ?` where a row is one value.
///
/// Numbered places it looks up by their names, one after the other, for every value that is bound; these have none. And it copies every page that a statement of many
/// rows touches, to take that statement back alone where one of its rows fails; whoever inserts here takes the whole transaction back, so a row that fails may stop
/// there.
pub(crate) fn with_rows(sql: &str, rows: usize, columns: usize) -> AssertSqlSafe<String> {
    let row = match columns {
        1 => "?".to_owned(),
        _ => format!("({})", vec!["?"; columns].join(", ")),
    };
    let rows = vec![row.as_str(); rows].join(", ");
    // Only places are put into the text, never a value.
    AssertSqlSafe(without_copies(sql).0.replace("{rows}", &rows))
}

/// A statement for SQLite that inserts, or stops at the first row that cannot be: nothing is copied to take it back alone.
pub(crate) fn without_copies(sql: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(sql.trim_end().replace("INSERT INTO", "INSERT OR FAIL INTO"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_cover_every_row_once() {
        for rows in [0, 1, 7, 8, 767, 768, 1100] {
            for columns in [1, 3, 7] {
                let all: Vec<usize> = portions(rows, columns).flatten().collect();
                assert_eq!(all, (0..rows).collect::<Vec<_>>());
                let sizes: Vec<usize> = (0..rows).map(|row| row * 900).collect();
                let all: Vec<usize> = portions_of(&sizes, columns).flatten().collect();
                assert_eq!(all, (0..rows).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn long_texts_come_few_at_once() {
        let sizes = [[100; 200], [300_000; 200]].concat();
        let longest = portions_of(&sizes, 5).map(|rows| sizes[rows].iter().sum::<usize>());
        assert!(longest.max().unwrap() <= BYTES);
        assert_eq!(portions_of(&sizes, 5).next(), Some(0..VALUES / 5));
        assert_eq!(portions_of(&[2 * BYTES; 3], 5).count(), 3);
    }

    #[test]
    fn every_value_has_its_place() {
        let insert = with_rows("INSERT INTO x VALUES {rows}", 2, 2).0;
        assert_eq!(insert, "INSERT OR FAIL INTO x VALUES (?, ?), (?, ?)");
        assert_eq!(with_rows("IN ({rows})\n", 3, 1).0, "IN (?, ?, ?)");
    }
}
