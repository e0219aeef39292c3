//! `[source.NAME.file.ALIAS.rename]`: what other exports call a column, so that one definition reads them all.

use std::collections::BTreeMap;

use crate::definition::ColumnRule;
use crate::read::Section;

/// The columns by the other names that files have for them.
pub(crate) fn read_all(
    file: &Section<'_>,
    columns: &BTreeMap<String, ColumnRule>,
) -> BTreeMap<String, String> {
    let mut renamed = BTreeMap::new();
    let Some(section) = file.section("rename") else {
        return renamed;
    };
    let report = section.report;
    for (other, column) in section.pairs() {
        if other.text == column.text {
            let message = format!("{} is renamed to itself", column.spot.words);
            report.mistake("AM0106", &column.spot, message, None);
            continue;
        }
        if columns.contains_key(&other.text) {
            let message = format!(
                "{} is renamed, so that its type is asked for under the other name",
                other.spot.words
            );
            let suggestion = format!("write the type of `{}` in `columns`", column.text);
            report.mistake("AM0106", &other.spot, message, Some(suggestion));
            continue;
        }
        renamed.insert(other.text, column.text);
    }
    let again = |column: &String| renamed.get(column).cloned();
    let chained: Vec<(String, String)> = renamed
        .values()
        .filter_map(|column| Some((column.clone(), again(column)?)))
        .collect();
    for (column, last) in chained {
        let message = format!("`{column}` is renamed itself, and columns are renamed once");
        let suggestion = format!("write \"{last}\"");
        report.mistake("AM0106", &file.spot_of("rename"), message, Some(suggestion));
    }
    renamed
}
