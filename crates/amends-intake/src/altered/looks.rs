//! What the values of a column look like: which kinds of signs follow each other, never which signs.

use std::collections::HashMap;
use std::path::Path;

use amends_ledger::FileColumn;
use amends_model::Result;
use amends_project::definition::SourceFile;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use jiff::tz::TimeZone;

use crate::decode::{self, Wanted};

/// So many rows are looked at.
const ROWS: usize = 1_000;
/// What is longer is text of any kind.
const LONGEST: usize = 16;

/// The columns of a file, read as its text or its own types say.
///
/// # Errors
/// As `decode::open`.
pub(super) fn of_file(path: &Path, file: &SourceFile) -> Result<Vec<FileColumn>> {
    let nothing = std::collections::BTreeSet::new();
    let wanted = Wanted {
        zone: &TimeZone::UTC,
        ignore: &nothing,
        named: &nothing,
    };
    let mut decoder = decode::open(path, file, &wanted)?.decoder;
    let first = decoder.next()?;
    let fields = decoder.schema().fields().iter().enumerate().skip(1);
    let columns = fields.map(|(place, field)| FileColumn {
        name: field.name().clone(),
        looks: first
            .as_ref()
            .and_then(|first| of_column(first.batch.column(place))),
    });
    Ok(columns.collect())
}

/// What most of the values have in common that are there.
fn of_column(column: &ArrayRef) -> Option<String> {
    let Some(texts) = column.as_string_opt::<i32>() else {
        return (column.data_type() != &DataType::Null).then(|| column.data_type().to_string());
    };
    let mut seen: HashMap<String, usize> = HashMap::new();
    let values = texts.iter().take(ROWS).flatten();
    let values = values.map(str::trim).filter(|value| !value.is_empty());
    let mut all = 0;
    for value in values {
        all += 1;
        if let Some(pattern) = pattern(value) {
            *seen.entry(pattern).or_default() += 1;
        }
    }
    let most = seen
        .into_iter()
        .max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)))?;
    (most.1 * 2 > all).then_some(most.0)
}

/// `2026-03-01` looks like `9-9-9`, and `anna.berg@shop.example` like `a.a@a.a`; `None` of what is too varied.
fn pattern(value: &str) -> Option<String> {
    let mut pattern = String::new();
    for sign in value.chars() {
        let kind = match sign {
            '0'..='9' => '9',
            sign if sign.is_alphabetic() => 'a',
            sign => sign,
        };
        if !pattern.ends_with(kind) {
            pattern.push(kind);
        }
    }
    (pattern.len() <= LONGEST).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, StringArray};

    use super::*;

    fn looks(values: &[&str]) -> Option<String> {
        of_column(&(Arc::new(StringArray::from(values.to_vec())) as ArrayRef))
    }

    #[test]
    fn most_values_say_how_a_column_looks_and_none_says_what_it_holds() {
        let dates = ["2026-03-01", "2026-03-02", "", "unknown"];
        assert_eq!(looks(&dates).as_deref(), Some("9-9-9"));
        let mails = ["anna.berg@shop.example", "bo.dahl@shop.example"];
        assert_eq!(looks(&mails).as_deref(), Some("a.a@a.a"));
        assert_eq!(looks(&["", " "]), None);
        assert_eq!(looks(&["a 1", "b-2", "c/3"]), None);
        assert_eq!(looks(&["It came, late; and was (half) broken!"]), None);
        let typed: ArrayRef = Arc::new(Date32Array::from(vec![1, 2]));
        assert_eq!(of_column(&typed).as_deref(), Some("Date32"));
    }
}
