//! Whatever becomes of the files, reading them ends with a project or with mistakes.

use std::path::Path;

use amends_project::Diagnostic;
use amends_testkit::proptest;
use amends_testkit::proptest::prelude::*;
use amends_testkit::tempfile::TempDir;

use crate::{folder, load};

/// The files of a new project, and some more of what a project may hold.
fn files() -> Vec<(String, Vec<u8>)> {
    let dir = TempDir::new().unwrap();
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read(dir.path().join(&path)).unwrap();
        (path.display().to_string(), text)
    };
    let mut files: Vec<(String, Vec<u8>)> = amends_project::init(dir.path())
        .unwrap()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(read)
        .collect();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tumblewick");
    for name in [
        "sources/couriers.toml",
        "sources/shop.toml",
        "promises/delivery-date.toml",
    ] {
        files.push((name.into(), std::fs::read(examples.join(name)).unwrap()));
    }
    files
}

/// One thing that goes wrong with a file.
#[derive(Clone, Debug)]
enum Harm {
    Truncate(usize),
    Flip(usize, u8),
    Insert(usize, String),
    Remove(usize, usize),
    Duplicate(usize),
    DropLine(usize),
    Rename(usize, String),
    Value(usize, String),
}

const WORDS: [&str; 21] = [
    "\"",
    "'''",
    "[",
    "]",
    "{",
    "}",
    "=",
    "\n",
    "\0",
    "é",
    "[[test]]",
    "[source.x]",
    "#",
    ",",
    ".",
    "${",
    "1e999",
    "99999999999999999999",
    "0x",
    "-",
    "\u{feff}",
];

const VALUES: [&str; 27] = [
    "1",
    "-1",
    "true",
    "\"\"",
    "[]",
    "{}",
    "[[]]",
    "1.5",
    "nan",
    "2026-01-01",
    "07:32:00",
    "2026-01-01T00:00:00Z",
    "\"x.sql\"",
    "\"${NOPE}\"",
    "\"999999999 years\"",
    "\"9999-12-31\"",
    "\"-9999-01-01T00:00\"",
    "{ on = 1 }",
    "{ property = \"x\", as = \"y\" }",
    "\"Europe/Nowhere\"",
    "9223372036854775807",
    "\"é\"",
    "[1, \"a\", {}]",
    "\"24:00-00:00\"",
    "'''\n\n'''",
    "\"%\"",
    "{ type = \"date\", format = \"%%%\" }",
];

fn harm() -> impl Strategy<Value = Harm> {
    let at = any::<usize>;
    let words = proptest::sample::select(&WORDS[..]);
    let values = proptest::sample::select(&VALUES[..]);
    prop_oneof![
        at().prop_map(Harm::Truncate),
        (at(), any::<u8>()).prop_map(|(at, byte)| Harm::Flip(at, byte)),
        (at(), words).prop_map(|(at, word)| Harm::Insert(at, word.to_owned())),
        (at(), 1_usize..40).prop_map(|(at, count)| Harm::Remove(at, count)),
        at().prop_map(Harm::Duplicate),
        at().prop_map(Harm::DropLine),
        (at(), "[a-zA-Z_ é.-]{0,12}").prop_map(|(at, name)| Harm::Rename(at, name)),
        (at(), values).prop_map(|(at, value)| Harm::Value(at, value.to_owned())),
    ]
}

fn apply(harm: &Harm, text: &mut Vec<u8>) {
    let length = text.len().max(1);
    match harm {
        Harm::Truncate(at) => text.truncate(at % length),
        Harm::Flip(at, byte) => {
            if let Some(old) = text.get_mut(at % length) {
                *old ^= byte;
            }
        }
        Harm::Insert(at, word) => {
            let at = (at % length).min(text.len());
            text.splice(at..at, word.bytes());
        }
        Harm::Remove(at, count) => {
            let at = (at % length).min(text.len());
            text.drain(at..(at + count).min(text.len()));
        }
        Harm::Duplicate(at) => with_line(text, *at, |line| format!("{line}\n{line}")),
        Harm::DropLine(at) => with_line(text, *at, |_| String::new()),
        Harm::Rename(at, name) => with_line(text, *at, |line| match line.split_once('=') {
            Some((_, value)) => format!("{name} ={value}"),
            None => format!("[{name}]"),
        }),
        Harm::Value(at, value) => with_line(text, *at, |line| match line.split_once('=') {
            Some((key, _)) => format!("{key}= {value}"),
            None => line.to_owned(),
        }),
    }
}

fn with_line(text: &mut Vec<u8>, at: usize, change: impl FnOnce(&str) -> String) {
    let whole = String::from_utf8_lossy(text).into_owned();
    let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return;
    }
    let at = at % lines.len();
    lines[at] = change(&lines[at]);
    *text = lines.join("\n").into_bytes();
}

/// The words of a mistake stand where they are said to stand.
fn stands_there(diagnostic: &Diagnostic, root: &Path) -> bool {
    let whole = std::fs::read(root.join(&diagnostic.place.file)).unwrap_or_default();
    let Ok(text) = String::from_utf8(whole) else {
        return true;
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines: Vec<&str> = text.split('\n').collect();
    let Some(line) = lines.get(diagnostic.place.line.wrapping_sub(1)) else {
        return false;
    };
    let rest: String = line.chars().skip(diagnostic.place.column - 1).collect();
    let first_line = rest.trim();
    let words = diagnostic.words.trim_end_matches("...");
    // Words that begin with a line break are told by the first line that holds something.
    words.is_empty() || first_line.is_empty() || rest.contains(words)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn no_harm_makes_reading_panic(harms in proptest::collection::vec((any::<usize>(), harm()), 1..6)) {
        let mut files = files();
        for (file, harm) in &harms {
            let count = files.len();
            apply(harm, &mut files[file % count].1);
        }
        let dir = folder(&files);
        let (project, diagnostics) = load(dir.path());
        let stopped = diagnostics.iter().any(|diagnostic| !diagnostic.is_warning);
        prop_assert_eq!(project.is_none(), stopped);
        for diagnostic in diagnostics {
            prop_assert!(stands_there(&diagnostic, dir.path()), "{}", diagnostic);
        }
    }
}
