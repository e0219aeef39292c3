//! Bits that flip where nobody wrote, in any file of a data folder: named by `amends doctor`, or without consequence.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use amends_testkit::tempfile::tempdir;
use amends_testkit::{rounds, seed};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::{Value, json};

use crate::program::{amends, copy_all, json as ask, text};
use crate::several::{self, Size};
use crate::strays;

/// A project of which every kind of file is there: segments and tail, names and raw rows, an erasure, what is kept of promises.
fn filled(folder: &Path) {
    several::project(folder, Size::WithSegment);
    text(folder, &["import"]);
    text(folder, &["hold", "add", "who-3-0", "--reason", "lawsuit"]);
    text(folder, &["erase", "who-5-0", "--yes"]);
    text(folder, &["letdowns"]);
    text(folder, &["import", "--dry-run"]);
    let examined = ask(folder, &["doctor"]);
    assert_eq!(examined["good"], true, "{examined}");
}

fn answers(project: &Path) -> Value {
    let of = |command: &[&str]| ask(project, command);
    json!([
        of(&["doctor"])["state"],
        of(&["letdowns"]),
        of(&["imports"]),
        of(&["quarantine", "list"]),
        of(&["hold", "list"]),
        of(&["customer", "who-7-0", "--reveal"]),
    ])
}

/// Whether an examination names a file as damaged, in its findings or as the error that kept it from looking.
fn names(project: &Path, file: &str) -> bool {
    let output = amends(project, &["doctor", "--json"]);
    let talk = String::from_utf8(output.stderr).unwrap();
    let found = match serde_json::from_slice::<Value>(&output.stdout) {
        Ok(examined) if examined["good"] == true => return false,
        Ok(examined) => examined["findings"].to_string(),
        Err(_) => String::new(),
    };
    assert_ne!(output.status.code(), Some(0));
    assert!(!talk.contains("panicked"), "{talk}");
    assert!(
        talk.contains(file) || found.contains(file),
        "{file}: {talk}\n{found}"
    );
    true
}

#[test]
#[allow(clippy::print_stderr, reason = "what was found, for whoever asks")]
fn a_flipped_bit_in_any_file_is_named_or_changes_nothing() {
    let here = tempdir().unwrap();
    let base = here.path().join("base");
    filled(&base);
    let expected = answers(&base);
    let mut files = strays::files(&base.join(".amends"));
    files.retain(|file| file.metadata().unwrap().len() > 0);
    let mut random = ChaCha8Rng::seed_from_u64(seed(28));
    let mut seen: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for round in 0..rounds(files.len() + 4, 600) {
        let file = files[round % files.len()].strip_prefix(&base).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let project = here.path().join(format!("round-{round}"));
        copy_all(&base, &project);
        let mut bytes = fs::read(project.join(file)).unwrap();
        let (place, bit) = (
            random.next_u64() as usize % bytes.len(),
            random.next_u32() % 8,
        );
        bytes[place] ^= 1 << bit;
        fs::write(project.join(file), bytes).unwrap();
        let is_named = names(&project, name);
        if !is_named {
            assert!(
                answers(&project) == expected,
                "bit {bit} of byte {place} of {name}"
            );
        }
        let kind = match file.extension().and_then(|ending| ending.to_str()) {
            _ if file.starts_with(".amends/derived") => "derived",
            Some("parquet") => "*.parquet",
            Some("keys") => "*.keys",
            _ => name,
        };
        seen.entry(kind.to_owned()).or_default()[usize::from(!is_named)] += 1;
        fs::remove_dir_all(&project).unwrap();
    }
    for (kind, [named, harmless]) in &seen {
        eprintln!("{kind}: {named} named, {harmless} without consequence");
    }
    for database in ["ledger.db", "vault.db", "*.parquet", "*.keys"] {
        assert_eq!(seen[database][1], 0, "{database} is all compared");
    }
}

#[test]
fn nothing_is_written_over_damage_and_questions_are_answered() {
    let here = tempdir().unwrap();
    let project = here.path().join("project");
    filled(&project);
    let imports = ask(&project, &["imports"]);
    let database = project.join(".amends/vault/vault.db");
    let whole = fs::read(&database).unwrap();
    let mut bytes = whole.clone();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&database, &bytes).unwrap();
    let refused = amends(&project, &["import"]);
    let talk = String::from_utf8(refused.stderr).unwrap();
    assert!(
        refused.status.code() == Some(3) && talk.contains("AM0427") && talk.contains("vault.db"),
        "{talk}"
    );
    assert_eq!(ask(&project, &["imports"]), imports);
    let warned = amends(&project, &["imports"]);
    let talk = String::from_utf8(warned.stderr).unwrap();
    assert!(
        talk.contains("warning:") && talk.contains("vault.db"),
        "{talk}"
    );
    fs::write(&database, &whole).unwrap();
    text(&project, &["import"]);
    assert_eq!(ask(&project, &["doctor"])["good"], true);
}
