//! How files whose columns are others than before are told, as part of an import's answer.

use std::io::{self, Write};

use amends_intake::{Altered, Renamed};
use serde_json::{Value, json};

use crate::terminal::paint::{CARE, QUIET, paint};
use crate::terminal::table::plain;

/// One sentence for a file.
pub(crate) fn show(altered: &Altered, out: &mut dyn Write) -> io::Result<()> {
    let mut said = Vec::new();
    for Renamed { from, to, is_read } in &altered.renamed {
        let (from, to) = (plain(from), plain(to));
        said.push(match is_read {
            true => format!("`{to}` is read as `{from}`"),
            false => format!("`{from}` seems to be called `{to}` now"),
        });
    }
    for (word, names) in [("new", &altered.added), ("gone", &altered.dropped)] {
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|name| plain(name)).collect();
            said.push(format!("{word}: {}", names.join(", ")));
        }
    }
    let file = plain(&altered.file);
    let file = file.rsplit('/').next().unwrap_or_default();
    let since = format!("since import {}", altered.compared_with);
    writeln!(
        out,
        "{} {}; {}",
        paint(CARE, format!("The columns of {file} have changed")),
        paint(QUIET, since),
        said.join("; ")
    )
}

/// The columns of a source's files that have changed.
pub(crate) fn json(altered: Option<&Vec<Altered>>) -> Value {
    let files = altered.into_iter().flatten().map(|altered| {
        let renamed = altered.renamed.iter().map(
            |Renamed { from, to, is_read }| json!({"from": from, "to": to, "is_read": is_read}),
        );
        json!({
            "file": altered.file,
            "compared_with": altered.compared_with,
            "added": altered.added,
            "dropped": altered.dropped,
            "renamed": renamed.collect::<Vec<_>>(),
        })
    });
    files.collect()
}
