//! SQL in definitions: inline, or in a `.sql` file beside.

use std::fs;
use std::path::Path;

use super::Around;
use crate::definition::{Place, Sql};
use crate::nearest::nearest;
use crate::read::{Section, Text};

/// The SQL of a text: the text itself, or that of the file it names.
pub(crate) fn sql(text: &Text, section: &Section<'_>, around: &Around<'_>) -> Option<Sql> {
    let report = section.report;
    let written = text.text.trim();
    if written.is_empty() {
        report.mistake("AM0106", &text.spot, "there is no SQL here", None);
        return None;
    }
    if !is_file(written) {
        return Some(Sql {
            text: text.text.clone(),
            place: text.start.clone(),
        });
    }
    let folder = section.file.path.parent().unwrap_or(Path::new(""));
    let path = folder.join(written);
    match fs::read_to_string(around.root.join(&path)) {
        Ok(text) => Some(Sql {
            text,
            place: Place {
                file: path,
                line: 1,
                column: 1,
            },
        }),
        Err(error) => {
            let message = format!(
                "the SQL file {} cannot be read: {}",
                path.display(),
                reason(&error)
            );
            let suggestion =
                nearest_file(&around.root.join(&path)).map(|name| format!("write \"{name}\""));
            report.mistake("AM0110", &text.spot, message, suggestion);
            None
        }
    }
}

/// One word that ends in `.sql` is the name of a file.
fn is_file(written: &str) -> bool {
    written.ends_with(".sql") && !written.contains(char::is_whitespace)
}

fn reason(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is not there",
        std::io::ErrorKind::PermissionDenied => "this user may not read it",
        std::io::ErrorKind::InvalidData => "it is not UTF-8 text",
        _ => "the system does not give it",
    }
}

/// The SQL file of a like name in the same folder.
fn nearest_file(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let beside = fs::read_dir(path.parent()?).ok()?;
    let mut names: Vec<String> = beside
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.retain(|name| is_file(name));
    names.sort_unstable();
    nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}

impl Section<'_> {
    /// SQL, if it is there.
    pub(crate) fn sql(&self, key: &'static str, around: &Around<'_>) -> Option<Sql> {
        sql(&self.text(key)?, self, around)
    }

    /// SQL that must be there.
    pub(crate) fn required_sql(
        &self,
        key: &'static str,
        example: &str,
        around: &Around<'_>,
    ) -> Option<Sql> {
        sql(&self.required(key, example)?, self, around)
    }
}
