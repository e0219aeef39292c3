//! How answers and problems reach a terminal. Data goes to standard output, talk to standard error.

pub(crate) mod bowls;
pub(crate) mod diagnostics;
mod narrow;
pub(crate) mod number;
pub(crate) mod paint;
pub(crate) mod problem;
pub(crate) mod progress;
pub(crate) mod prose;
pub(crate) mod table;
pub(crate) mod when;

use std::io::{self, Write};

use crate::answer::Answer;

/// Writes an answer to standard output: JSON for scripts, else for people, in colour where the terminal can and `NO_COLOR` is not set,
/// and in lines that fit it.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn write(answer: &dyn Answer, json: bool) -> io::Result<()> {
    if json {
        let mut out = io::stdout().lock();
        serde_json::to_writer_pretty(&mut out, &answer.json())?;
        writeln!(out)
    } else {
        let mut out = anstream::stdout().lock();
        if answer.is_document() {
            answer.show(&mut out)?;
            return out.flush();
        }
        let mut narrow = narrow::Narrow::new(out, prose::width());
        answer.show(&mut narrow)?;
        narrow.finish()
    }
}
