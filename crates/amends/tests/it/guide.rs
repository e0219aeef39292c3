//! Pages that show the program at work, done step by step as a newcomer would: files written, commands run, output compared.

use std::path::Path;
use std::sync::LazyLock;

use amends_testkit::tempfile;
use regex::Regex;

use crate::program::{amends, copy, repository};

/// What a fenced block of the page asks for.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Write a file: its path stands beside the block's language.
    File(String, String),
    /// Run a command and see these lines; `...` stands for any number of lines.
    Command(Vec<String>, Vec<String>),
}

#[test]
fn every_step_of_the_first_page_does_what_it_says() {
    let page = std::fs::read_to_string(repository().join("docs/guide/first-card.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let steps = steps(&page);
    let commands = steps
        .iter()
        .filter(|step| matches!(step, Step::Command(..)));
    assert!(commands.count() >= 5, "the page has hardly a command left");
    let mut wrong = Vec::new();
    for step in &steps {
        match step {
            Step::File(path, text) => write(&folder.path().join(path), text),
            Step::Command(words, expected) => wrong.extend(run(folder.path(), words, expected)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_page_on_promises_shows_the_example_as_it_is() {
    let page = std::fs::read_to_string(repository().join("docs/promises.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&repository().join("examples/hearthside"), folder.path());
    let mut wrong = Vec::new();
    for step in steps(&page) {
        match step {
            Step::File(path, text) => {
                let whole = std::fs::read_to_string(folder.path().join(&path)).unwrap();
                if !whole.contains(&text) {
                    wrong.push(format!("{path} does not hold:\n{text}"));
                }
            }
            Step::Command(words, expected) => {
                wrong.extend(run(folder.path(), &words, &expected));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The company that `cargo xtask demo` invents.
const DEMO: &str = "simulate --customers 2000 --months 12 --seed 7 --out demo";

#[test]
fn the_demo_prints_what_the_readme_shows_of_it() {
    let page = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let chore = std::fs::read_to_string(repository().join("xtask/src/demo.rs")).unwrap();
    let words = DEMO.split(' ').skip(1).take(6);
    let company: Vec<String> = words.map(|word| format!("{word:?}")).collect();
    assert!(chore.contains(&company.join(", ")), "another company now");
    let shown = page.split("<!-- demo output: begin -->").nth(1).unwrap();
    let shown = shown.split("<!-- demo output: end -->").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let simulate: Vec<&str> = DEMO.split(' ').collect();
    assert!(amends(folder.path(), &simulate).status.success());
    let project = folder.path().join("demo/project");
    let mut wrong = Vec::new();
    for step in steps(shown) {
        match step {
            Step::File(path, _) => wrong.push(format!("the demo writes no file {path}")),
            Step::Command(words, expected) => wrong.extend(run(&project, &words, &expected)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Runs a command of the page; what it prints where that differs.
fn run(folder: &Path, words: &[String], expected: &[String]) -> Option<String> {
    let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = amends(folder, &arguments);
    let talk = String::from_utf8_lossy(&output.stderr);
    // 1 says that something is wrong with what was looked at: here, the row that cannot be read.
    let done = matches!(output.status.code(), Some(0 | 1));
    assert!(done, "amends {}: {talk}", words.join(" "));
    let text = String::from_utf8(output.stdout).unwrap();
    let said: Vec<String> = text.trim_end().lines().map(plain).collect();
    let expected: Vec<String> = expected.iter().map(|line| plain(line)).collect();
    let same = matches(&expected, &said);
    (!same).then(|| format!("$ amends {}\n{}", words.join(" "), text.trim_end()))
}

/// A line without what differs from run to run: minted ids, and how long something took.
fn plain(line: &str) -> String {
    static CHANGING: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b[0-9a-f]{12,32}\b|\b\d+(\.\d+)? (ms|s)\b").unwrap());
    CHANGING.replace_all(line.trim_end(), "~").into_owned()
}

fn matches(expected: &[String], said: &[String]) -> bool {
    match expected.split_first() {
        None => said.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=said.len()).any(|skipped| matches(rest, &said[skipped..]))
        }
        Some((first, rest)) => said.first() == Some(first) && matches(rest, &said[1..]),
    }
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.split_once(' ') {
            Some((_, path)) => steps.push(Step::File(path.into(), block.join("\n") + "\n")),
            None if info == "console" => steps.extend(commands(&block)),
            None => panic!("a block of the page says neither file nor console: {info:?}"),
        }
    }
    steps
}

fn commands(block: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    for line in block {
        match (line.strip_prefix("$ amends "), steps.last_mut()) {
            (Some(words), _) => {
                let words = words.split_whitespace().map(str::to_owned).collect();
                steps.push(Step::Command(words, Vec::new()));
            }
            (None, Some(Step::Command(_, expected))) => expected.push((*line).into()),
            (None, _) => panic!("output before any command: {line:?}"),
        }
    }
    // An empty line between two commands is there for the eye.
    for step in &mut steps {
        if let Step::Command(_, expected) = step {
            while expected.last().is_some_and(String::is_empty) {
                expected.pop();
            }
        }
    }
    steps
}

#[test]
fn the_page_is_read_as_it_is_meant() {
    let page = "Text\n```toml a/b.toml\nx = 1\n```\n```console\n$ amends card --json\none\n...\nlast 0123456789abcdef\n\n$ amends check\n```\n";
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        steps(page),
        [
            Step::File("a/b.toml".into(), "x = 1\n".into()),
            Step::Command(
                words("card --json"),
                lines("one\n...\nlast 0123456789abcdef")
            ),
            Step::Command(words("check"), Vec::new()),
        ]
    );
    let expected = lines("one\n...\nlast ~");
    assert!(matches(&expected, &lines("one\ntwo\nthree\nlast ~")));
    assert!(matches(&expected, &lines("one\nlast ~")));
    assert!(!matches(&expected, &lines("one\ntwo")));
    assert!(!matches(&lines("one"), &lines("one\ntwo")));
    assert_eq!(plain("took 1.25 s for fedcba987654 "), "took ~ for ~");
}
