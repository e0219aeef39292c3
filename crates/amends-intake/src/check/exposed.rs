//! Mail addresses and telephone numbers that would stand in the ledger, where no erasure reaches them (rule 16).
//!
//! What is looked at is what would be stored: the values that expressions give for the first rows, and the columns that no expression
//! reads, which are kept as they are. Whatever goes to the vault or is minted into a random identifier is not looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_expressions::{Expression, Lineage};
use amends_project::definition::Source;
use amends_project::{Diagnostic, Sql};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, SchemaRef};

use crate::map::{Mapping, is_nobody};
use crate::mistake;

/// So many rows are looked at.
const ROWS: usize = 1000;

/// Warns of everything that would be stored and names people by their address.
pub(super) fn check(
    source: &Source,
    mapping: &Mapping,
    sample: &RecordBatch,
    lineage: &Lineage,
) -> Vec<Diagnostic> {
    let looking = Looking {
        source,
        sample: sample.slice(0, sample.num_rows().min(ROWS)),
        lineage,
    };
    let mut found = Vec::new();
    if let (Some(sql), Some(key)) = (&source.key, &mapping.key) {
        let kept = "a plain hash of it, from which it can be guessed, would stand in the ledger";
        found.extend(looking.expression(sql, "key", key, kept));
    }
    for (event, plan) in source.events.iter().zip(&mapping.events) {
        let kept = "it would stand in the ledger, where no erasure reaches it";
        if let (Some(sql), Some(about)) = (&event.about, &plan.about) {
            found.extend(looking.expression(sql, "about", about, kept));
        }
        for (name, sql) in &event.properties {
            let planned = plan.properties.iter().find(|(known, ..)| known == name);
            if let Some((_, _, Some(expression))) = planned {
                found.extend(looking.expression(sql, name, expression, kept));
            }
        }
    }
    found.extend(mapping.rest.iter().filter_map(|name| looking.rest(name)));
    found
}

/// The columns of a source's records from the first rows of its tables: each column by itself, because rows that belong together need
/// not stand among the first. Those that hold no column of a table are null.
pub(super) fn side_by_side(
    records: &SchemaRef,
    lineage: &Lineage,
    samples: &BTreeMap<&str, &RecordBatch>,
) -> Option<RecordBatch> {
    let rows = samples.values().map(|sample| sample.num_rows().min(ROWS));
    let rows = rows.max()?;
    let column = |name: &str, of: &DataType| -> Option<ArrayRef> {
        let origins = lineage.columns.get(name)?;
        let (table, column) = origins.holds.first()?;
        let values = samples.get(table.as_str())?.column_by_name(column)?;
        let values = values.slice(0, values.len().min(ROWS));
        let values = cast(&values, of).ok()?;
        let missing = new_null_array(of, rows - values.len());
        concat(&[&values, &missing]).ok()
    };
    let fields = records.fields().iter();
    let columns = fields.map(|field| {
        let of = field.data_type();
        column(field.name(), of).unwrap_or_else(|| new_null_array(of, rows))
    });
    let fields = records.fields().iter();
    let nullable = fields.map(|field| field.as_ref().clone().with_nullable(true));
    let schema = arrow::datatypes::Schema::new(nullable.collect::<Vec<_>>());
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(schema), columns.collect(), &options).ok()
}

struct Looking<'a> {
    source: &'a Source,
    sample: RecordBatch,
    lineage: &'a Lineage,
}

impl Looking<'_> {
    fn expression(
        &self,
        sql: &Sql,
        what: &str,
        expression: &Expression,
        kept: &str,
    ) -> Option<Diagnostic> {
        let (values, _) = expression.evaluate_each(&self.sample);
        let seen = Seen::of(&values)?;
        let column = expression.columns().first()?;
        let message = format!("`{what}` {}: {kept}", self.holds(column, &seen));
        Some(warning(mistake::in_sql(
            sql,
            "AM0519",
            message,
            Some(format!(
                "leave it out here and mark the column personal, as in personal = [\"{column}\"]; an identifier may read it"
            )),
        )))
    }

    /// A column that nothing reads is kept as it is.
    fn rest(&self, name: &str) -> Option<Diagnostic> {
        let seen = Seen::of(self.sample.column_by_name(name)?)?;
        let message = format!(
            "`{name}` {}: no expression reads it, and it would be kept in the ledger as it is",
            self.holds(name, &seen)
        );
        Some(warning(mistake::at(
            self.source.place.clone(),
            name,
            "AM0519",
            message,
            Some(format!(
                "mark it personal, as in personal = [\"{name}\"], or leave it out with ignore = [\"{name}\"]"
            )),
        )))
    }

    fn holds(&self, column: &str, seen: &Seen) -> String {
        let origins = self.lineage.columns.get(column);
        let origin = origins.and_then(|origins| origins.holds.first());
        let (table, column) = match origin {
            Some((table, column)) => (table.as_str(), column.as_str()),
            None => (self.source.main.as_str(), column),
        };
        let file = self.source.files.get(table);
        let file = file.map_or("", |file| file.written.as_str());
        format!(
            "holds {}: {} of {} values looked at in `{column}` of {file}, such as {}",
            seen.what, seen.count, seen.values, seen.example
        )
    }
}

/// Addresses seen among some values.
struct Seen {
    what: &'static str,
    count: usize,
    values: usize,
    /// One of them, as far as it can be shown.
    example: String,
}

impl Seen {
    fn of(values: &ArrayRef) -> Option<Self> {
        let values = match values.as_list_opt::<i32>() {
            Some(lists) => lists.values().clone(),
            None => values.clone(),
        };
        if !matches!(
            values.data_type(),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
        ) {
            return None;
        }
        let texts = cast(&values, &DataType::Utf8).ok()?;
        let texts: Vec<&str> = texts.as_string::<i32>().iter().flatten().collect();
        let mails: Vec<&str> = texts.iter().filter_map(|text| mail_address(text)).collect();
        let phones = || texts.iter().filter(|text| is_telephone(text));
        if let Some(first) = mails.first() {
            return Some(Self {
                what: "mail addresses",
                count: mails.len(),
                values: texts.len(),
                example: masked(first),
            });
        }
        // A number is one by chance now and then; a column of them is not.
        let count = phones().count();
        let first = phones()
            .next()
            .filter(|_| count > 1 && count * 2 > texts.len())?;
        Some(Self {
            what: "telephone numbers",
            count,
            values: texts.len(),
            example: format!("{}***", first.trim().chars().take(3).collect::<String>()),
        })
    }
}

/// The first mail address of a person in a text.
fn mail_address(text: &str) -> Option<&str> {
    if !text.contains('@') {
        return None;
    }
    let between = |letter: char| letter.is_whitespace() || "<>()[]{},;:\"'|\\".contains(letter);
    let words = text
        .split(between)
        .map(|word| word.trim_end_matches(['.', '!', '?']));
    let is_address = |word: &&str| {
        let Some((mailbox, host)) = word.split_once('@') else {
            return false;
        };
        let plain = |letter: char| letter.is_alphanumeric() || "._%+-'&=/".contains(letter);
        let labels: Vec<&str> = host.split('.').collect();
        let is_label = |label: &&str| {
            let mut letters = label.chars();
            !label.is_empty() && letters.all(|letter| letter.is_alphanumeric() || letter == '-')
        };
        let last = labels.last().copied().unwrap_or_default();
        !mailbox.is_empty()
            && mailbox.chars().all(plain)
            && labels.len() > 1
            && labels.iter().all(is_label)
            && last.len() > 1
            && last.chars().all(char::is_alphabetic)
            && !is_nobody(&mailbox.to_lowercase())
    };
    words.into_iter().find(is_address)
}

/// Whether a text is a telephone number as it is written for use abroad.
fn is_telephone(text: &str) -> bool {
    let Some(rest) = text.trim().strip_prefix('+') else {
        return false;
    };
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    let joints = |letter: char| letter.is_ascii_digit() || " ()-./".contains(letter);
    (8..=15).contains(&digits) && rest.chars().all(joints) && !rest.starts_with('0')
}

/// As much of an address as lets its owner's column be found.
fn masked(address: &str) -> String {
    let (mailbox, host) = address.split_once('@').unwrap_or((address, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    format!("{}***@{}***", first(mailbox), first(host))
}

fn warning(found: Diagnostic) -> Diagnostic {
    Diagnostic {
        is_warning: true,
        ..found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_told_from_what_only_looks_like_them() {
        for text in [
            "ada@example.org",
            "write to Ada.L+x@mail.example.org.",
            "{\"by\":\"ada@example.org\"}",
            "<ada@example.org>",
        ] {
            assert!(mail_address(text).is_some(), "{text}");
        }
        for text in [
            "@ada",
            "a@b",
            "3 @ 4.50",
            "ada at example.org",
            "info@example.org",
            "a@b@c.org",
            "x@1.5",
        ] {
            assert_eq!(mail_address(text), None, "{text}");
        }
        assert_eq!(masked("ada@example.org"), "a***@e***");
    }

    #[test]
    fn telephone_numbers_begin_with_a_plus() {
        assert!(is_telephone("+43 (1) 234-5678"));
        for text in [
            "+4.5",
            "2018-03-01 10:00",
            "12345678",
            "+02:00",
            "+1234567890123456",
            "+0123456789",
        ] {
            assert!(!is_telephone(text), "{text}");
        }
    }
}
