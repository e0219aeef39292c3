//! Questions in SQL: templates from `.sql` files, and columns read back in the types asked for.

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::On;
use arrow::array::RecordBatch;

/// The text of a `.sql` file with `{names}` to be filled in.
pub(crate) struct Template(pub(crate) &'static str);

impl Template {
    /// Fills in every name. What is filled in is not looked at again, whatever braces it holds.
    pub(crate) fn fill(&self, values: &[(&str, &str)]) -> String {
        let mut filled = String::with_capacity(self.0.len());
        let mut rest = self.0;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let value = after.split_once('}').and_then(|(name, after)| {
                let (_, value) = values.iter().find(|(known, _)| *known == name)?;
                Some((*value, after))
            });
            match value {
                Some((value, after)) => {
                    filled.push_str(value);
                    rest = after;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        filled
    }
}

/// A name inside double quotes.
pub(crate) fn quoted(name: &str) -> String {
    name.replace('"', "\"\"")
}

/// A text as a literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// An id as a literal.
pub(crate) fn id(id: IdentifierId) -> String {
    format!("arrow_cast(x'{id}', 'FixedSizeBinary(16)')")
}

/// A moment, in microseconds of UTC, as a literal.
pub(crate) fn moment(micros: i64) -> String {
    format!("arrow_cast({micros}, 'Timestamp(Microsecond, Some(\"UTC\"))')")
}

/// The condition of an event in a definition; a comment at its end goes no farther than its line.
pub(crate) fn condition(on: &On) -> String {
    on.condition
        .as_ref()
        .map_or_else(|| "true".into(), |sql| format!("{}\n", sql.text))
}

/// A column of an answer in the type that was asked for.
pub(crate) fn typed<T: 'static>(batch: &RecordBatch, column: usize) -> Result<&T> {
    let found = batch.columns().get(column);
    found
        .and_then(|column| column.as_any().downcast_ref::<T>())
        .ok_or_else(|| {
            Problem::new("AM0804", "an answer has other columns than were asked for")
                .detail(format!("column {column} of {}", batch.schema()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_fill_each_name_once_and_leave_other_braces() {
        let filled = Template("a {x} {y} {z} {x}").fill(&[("x", "{y}"), ("y", "2")]);
        assert_eq!(filled, "a {y} 2 {z} {y}");
    }
}
