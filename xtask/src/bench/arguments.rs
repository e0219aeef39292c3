//! The words after `cargo xtask bench`.

use std::path::PathBuf;

const USAGE: &str =
    "cargo xtask bench [NAMES] [--events N,...] [--runs N] [--out DIR] [--program FILE] [--json]";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arguments {
    /// Works; all of them when none is named.
    pub(super) names: Vec<String>,
    /// Sizes, in events.
    pub(super) events: Vec<u64>,
    /// How often each side is timed.
    pub(super) runs: usize,
    /// Where the data goes.
    pub(super) out: Option<PathBuf>,
    /// A program that was built already, to be measured instead of a fresh one.
    pub(super) program: Option<PathBuf>,
    /// Whether the answer is JSON.
    pub(super) json: bool,
}

impl Arguments {
    /// Reads the words.
    ///
    /// # Errors
    /// The word that says nothing, with those that do.
    pub(super) fn read(words: &[String], known: &[&str]) -> Result<Self, String> {
        let mut read = Self {
            names: Vec::new(),
            events: vec![1_000_000],
            runs: 5,
            out: None,
            program: None,
            json: false,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .ok_or_else(|| format!("{word} needs a value: {USAGE}"))
            };
            match word.as_str() {
                "--events" => read.events = sizes(value()?)?,
                "--runs" => read.runs = number(value()?)? as usize,
                "--out" => read.out = Some(value()?.into()),
                "--program" => read.program = Some(value()?.into()),
                "--json" => read.json = true,
                name if known.contains(&name) => read.names.push(name.to_owned()),
                other => {
                    let known = known.join(", ");
                    return Err(format!(
                        "there is no work {other:?}; there are: {known}\n{USAGE}"
                    ));
                }
            }
        }
        Ok(read)
    }
}

fn sizes(text: &str) -> Result<Vec<u64>, String> {
    text.split(',').map(number).collect()
}

/// A number from 1 on; `_` may part its digits.
fn number(text: &str) -> Result<u64, String> {
    let digits = text.replace('_', "");
    match digits.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => Err(format!("{text:?} is no number from 1 on: {USAGE}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Arguments, String> {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        Arguments::read(&words, &["import", "replay"])
    }

    #[test]
    fn words_say_what_is_measured_and_how_large() {
        let all = read("").unwrap();
        assert_eq!((all.names.len(), all.json), (0, false));
        let some = read("replay --events 1_000,20 --out x --runs 3 --program y --json").unwrap();
        assert_eq!(some.names, ["replay"]);
        assert_eq!(some.events, [1_000, 20]);
        assert_eq!((some.runs, some.json), (3, true));
        assert_eq!(
            (some.out, some.program),
            (Some("x".into()), Some("y".into()))
        );
    }

    #[test]
    fn a_word_that_says_nothing_is_refused() {
        for (words, quoted) in [
            ("imports", "import, replay"),
            ("--events", "needs a value"),
            ("--events 1,x", "\"x\""),
            ("--runs 0", "\"0\""),
        ] {
            let message = read(words).unwrap_err();
            assert!(message.contains(quoted), "{words}: {message}");
        }
    }
}
