//! Runs commands, saying which.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The cargo that runs us.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

/// Runs a command in a folder, having printed it. What it prints goes straight to the terminal.
///
/// # Errors
/// A sentence when it cannot be started or fails.
pub(crate) fn shown(
    folder: &Path,
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<(), String> {
    let line = line(program, arguments, environment);
    println!("$ {line}");
    let status = Command::new(resolved(folder, program))
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(folder)
        .status()
        .map_err(|error| format!("cannot run {line}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("failed ({status}): {line}"))
    }
}

/// Runs a command in a folder, having printed it, and gives what it writes to standard output.
///
/// # Errors
/// A sentence when it cannot be started, fails or writes no text.
pub(crate) fn answer(folder: &Path, program: &str, arguments: &[&str]) -> Result<String, String> {
    let line = line(program, arguments, &[]);
    println!("$ {line}");
    let output = Command::new(resolved(folder, program))
        .args(arguments)
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run {line}: {error}"))?;
    if !output.status.success() {
        return Err(format!("failed ({}): {line}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{line} wrote no text: {error}"))
}

/// A program given by a path below the folder in which it is started.
fn resolved(folder: &Path, program: &str) -> PathBuf {
    let below = folder.join(program);
    if below.is_file() {
        below
    } else {
        program.into()
    }
}

/// Whether a command can be run and says yes; what it prints is not shown.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs something and measures how long it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

/// The command as one would type it.
fn line(program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let program = if program == cargo() { "cargo" } else { program };
    let mut words: Vec<String> = Vec::new();
    words.extend(
        environment
            .iter()
            .map(|(name, value)| format!("{name}={}", quoted(value))),
    );
    words.push(quoted(program));
    words.extend(arguments.iter().map(|word| quoted(word)));
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=./:,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        assert_eq!(
            line(
                &cargo(),
                &["doc", "--no-deps"],
                &[("RUSTDOCFLAGS", "-D warnings")]
            ),
            "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps"
        );
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
