//! The only place that asks the machine for the time and for variables: everything below takes them as arguments.

#![allow(
    clippy::disallowed_methods,
    reason = "the program is where the clock and the environment come in"
)]

use std::path::PathBuf;

use jiff::Timestamp;

/// The time now.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The value of an environment variable, if it is set and is text.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The words of the command line, without the program's own name, as far as they are text.
pub(crate) fn words() -> impl Iterator<Item = String> {
    let words = std::env::args_os().skip(1);
    words.filter_map(|word| word.into_string().ok())
}

/// Where programs keep what they need for a moment.
pub(crate) fn temporary() -> PathBuf {
    std::env::temp_dir()
}

/// Who works here, for locks, which name the process themselves.
pub(crate) fn holder(command: &str) -> String {
    format!("amends {command}")
}
