//! The corpus, fed again: what was found once stays found.

use std::fs;
use std::path::Path;

/// Feeds every file of a target's corpus to it, and the same bytes cut off.
fn feed_all(name: &str, target: amends_fuzz::Target) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 1, "{name} has a corpus");
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let harmless = std::panic::catch_unwind(|| {
            amends_fuzz::feed(target, &bytes);
            amends_fuzz::feed(target, &bytes[..bytes.len() / 2]);
        });
        assert!(harmless.is_ok(), "{}", file.display());
    }
}

#[test]
fn every_input_of_the_corpus_is_read_without_harm() {
    for (name, target) in amends_fuzz::TARGETS {
        feed_all(name, target);
    }
}
