//! docs/definitions.md tells every key that a definition may hold, and what it shows is right.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{folder, shown};

/// Words that the readers know and that are no part of the language: what other programs call a type is taken for a misspelling.
const ELSEWHERE: [&str; 14] = [
    "bigint",
    "bool",
    "datetime",
    "decimal",
    "double",
    "epoch",
    "float",
    "int",
    "numeric",
    "str",
    "string",
    "time",
    "varchar",
    // What messages call files of a format.
    "workbooks",
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn page() -> String {
    fs::read_to_string(here("../../docs/definitions.md")).unwrap()
}

/// Every key and every word for a value that the readers of definitions ask for: the texts in their code that are one word.
fn asked() -> BTreeSet<String> {
    let files = fs::read_dir(here("src/kind")).unwrap();
    let mut asked = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| !line.trim().starts_with("//")) {
            let line = line.replace("\\\"", "'");
            asked.extend(
                line.split('"')
                    .skip(1)
                    .step_by(2)
                    .filter(is_word)
                    .map(str::to_owned),
            );
        }
    }
    asked
}

fn is_word(text: &&str) -> bool {
    let letter =
        |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "-_".contains(sign);
    text.starts_with(|sign: char| sign.is_ascii_lowercase())
        && text.ends_with(char::is_alphanumeric)
        && text.chars().all(letter)
}

/// What stands between backticks outside of the page's blocks.
fn code(page: &str) -> BTreeSet<String> {
    let (mut in_block, mut code) = (false, BTreeSet::new());
    for line in page.lines() {
        in_block ^= line.starts_with("```");
        if !in_block {
            code.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    code
}

/// The keys in the first column of the page's tables.
fn listed(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let keys = rows.flat_map(|row| row.split('|').next().unwrap().split('`').step_by(2));
    keys.filter(is_word).map(str::to_owned).collect()
}

/// The definition files that the page shows, each whole, and those that take the place of another.
fn blocks(page: &str) -> (Vec<(String, Vec<u8>)>, Vec<(String, Vec<u8>)>) {
    let (mut files, mut instead) = (Vec::new(), Vec::new());
    for block in page.split("\n```toml ").skip(1) {
        let (path, text) = block.split_once('\n').unwrap();
        let text = text.split("\n```").next().unwrap().to_owned() + "\n";
        match path.strip_suffix(" instead") {
            Some(path) => instead.push((path.to_owned(), text.into_bytes())),
            None => files.push((path.to_owned(), text.into_bytes())),
        }
    }
    (files, instead)
}

/// Every key of a table and of what stands in it.
fn keys(value: &toml::Value, into: &mut BTreeSet<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                into.insert(key.clone());
                keys(value, into);
            }
        }
        toml::Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        _ => {}
    }
}

#[test]
fn the_page_tells_every_key_and_every_word() {
    let code = code(&page());
    let mut words: BTreeSet<String> = listed(&page());
    for text in &code {
        // A word may stand alone, in quotes, or as the name of a section.
        let plain = text.trim_matches(['"', '[', ']']);
        let plain = plain.rsplit('.').find(is_word).unwrap_or(plain);
        words.insert(plain.to_owned());
    }
    let missing: Vec<String> = asked()
        .into_iter()
        .filter(|word| !words.contains(word) && !ELSEWHERE.contains(&word.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/definitions.md does not tell: {missing:?}"
    );
}

#[test]
fn the_page_tells_no_key_that_nobody_asks_for_and_shows_each() {
    let (files, instead) = blocks(&page());
    let mut shown = BTreeSet::new();
    for (path, text) in files.iter().chain(&instead) {
        let text = std::str::from_utf8(text).unwrap();
        let table: toml::Table = text
            .parse()
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        keys(&toml::Value::Table(table), &mut shown);
    }
    let (listed, asked) = (listed(&page()), asked());
    assert!(listed.len() > 80, "the tables hold {} keys", listed.len());
    let unknown: Vec<_> = listed.difference(&asked).collect();
    assert!(unknown.is_empty(), "nobody asks for {unknown:?}");
    let unseen: Vec<_> = listed.difference(&shown).collect();
    assert!(unseen.is_empty(), "no block shows {unseen:?}");
}

#[test]
fn what_the_page_shows_is_a_project_without_mistakes() {
    let (files, instead) = blocks(&page());
    assert!(!instead.is_empty());
    let mut projects = vec![files.clone()];
    for (path, text) in instead {
        let others = files.iter().filter(|(other, _)| *other != path).cloned();
        projects.push(others.chain([(path.clone(), text)]).collect());
    }
    for files in projects {
        let dir = folder(&files);
        let (project, diagnostics) = crate::load(dir.path());
        assert!(diagnostics.is_empty(), "{}", shown(&diagnostics));
        assert!(project.is_some_and(|project| project.promises.len() >= 3));
    }
}
