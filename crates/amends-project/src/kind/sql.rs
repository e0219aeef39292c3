//! SQL in definitions: inline, or in a `.sql` file beside.

use std::io;
use std::path::Path;

use super::Around;
use crate::definition::{Place, Sql};
use crate::files::Files;
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
    let read = around.files.bytes(&path);
    let read = read.and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    });
    match read {
        Ok(read) => {
            around.files.note(&path, &read);
            Some(Sql {
                text: read,
                place: Place {
                    file: path,
                    line: 1,
                    column: 1,
                },
            })
        }
        Err(error) => {
            let message = format!(
                "the SQL file {} cannot be read: {}",
                path.display(),
                reason(&error)
            );
            let suggestion =
                nearest_file(&path, around.files).map(|name| format!("write \"{name}\""));
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
fn nearest_file(path: &Path, files: &Files<'_>) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let mut names = files.names(path.parent()?).ok()?;
    names.retain(|name| is_file(name));
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
