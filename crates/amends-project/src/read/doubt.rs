//! What cannot be known because it stands in a file with mistakes: it is not held against anybody that it was not found.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Report, Spot};
use crate::Place;

/// Files with mistakes, and what of the sources cannot be examined because of them.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    files: RefCell<BTreeMap<PathBuf, Doubt>>,
    /// Sources whose files, columns or SQL hold mistakes.
    pub(crate) sources: RefCell<BTreeSet<String>>,
    /// Events of which properties may be missing: the source and the kind.
    pub(crate) events: RefCell<BTreeSet<(String, String)>>,
}

#[derive(Debug)]
struct Doubt {
    /// The words of the file in one spelling; `None` where it has no words to be found in it.
    words: Option<BTreeSet<String>>,
    /// Where the first mistake of TOML itself stands, in a file that is broken.
    broken: Option<Spot>,
    /// What names something that such a file mentions: its place and the name.
    resting: BTreeSet<(Place, String)>,
}

impl Doubts {
    /// Notes a file with mistakes. Its text is `None` where it could not be read.
    pub(crate) fn note(&self, file: &Path, text: Option<&str>, broken: Option<Spot>) {
        let doubt = Doubt {
            words: text.map(|text| words(text).collect()),
            broken,
            resting: BTreeSet::new(),
        };
        self.files.borrow_mut().insert(file.to_owned(), doubt);
    }

    /// Whether a file of a folder, or the file itself, holds mistakes and mentions all these names, so that it may be what defines the first
    /// of them. What names it then rests on that file.
    pub(crate) fn may_define(&self, names: &[&str], within: &str, place: &Place) -> bool {
        let mut files = self.files.borrow_mut();
        let mut found = false;
        for (_, doubt) in files
            .iter_mut()
            .filter(|(file, _)| file.starts_with(within))
        {
            let mentions = |name: &&str| {
                let known = doubt.words.as_ref();
                known.is_none_or(|known| words(name).all(|word| known.contains(&word)))
            };
            if names.iter().all(mentions) {
                let name = names.first().copied().unwrap_or_default();
                doubt.resting.insert((place.clone(), name.to_owned()));
                found = true;
            }
        }
        found
    }

    /// Whether the file is no TOML, so that some of it was not read.
    pub(crate) fn is_broken(&self, file: &Path) -> bool {
        let files = self.files.borrow();
        files.get(file).is_some_and(|doubt| doubt.broken.is_some())
    }

    /// Says once for each broken file what was not examined because of it.
    pub(crate) fn tell(&self, report: &Report) {
        for (file, doubt) in self.files.borrow().iter() {
            let Some(spot) = &doubt.broken else {
                continue;
            };
            let mut files: Vec<String> = doubt
                .resting
                .iter()
                .map(|(place, _)| place.file.display().to_string())
                .collect();
            files.dedup();
            let (count, are) = match doubt.resting.len() {
                0 => continue,
                1 => ("1 reference".to_owned(), "was"),
                many => (format!("{many} references"), "were"),
            };
            let message = format!(
                "{count} to what stands in this file {are} not examined: {}",
                files.join(", ")
            );
            let suggestion = format!("correct {} and check again", file.display());
            report.warning("AM0119", spot, message, Some(suggestion));
        }
    }
}

/// The words of a text, in small letters and without hyphens and underscores: `Order-Placed` and `order_placed` are the same name.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let joint = |letter: char| letter == '_' || letter == '-';
    let parts = text.split(move |letter: char| !letter.is_alphanumeric() && !joint(letter));
    let one = move |word: &str| word.to_lowercase().replace(joint, "");
    parts.map(one).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_file_mentions_may_stand_in_it() {
        let doubts = Doubts::default();
        let text = "kind = \"OrderPlaced\"\nat = \"placed_at";
        doubts.note(Path::new("sources/a.toml"), Some(text), None);
        let place = Place::default();
        assert!(doubts.may_define(&["order_placed"], "sources", &place));
        assert!(doubts.may_define(&["placed-at", "order-placed"], "sources", &place));
        assert!(!doubts.may_define(&["order_paid"], "sources", &place));
        assert!(!doubts.may_define(&["order_placed"], "journey.toml", &place));
        doubts.note(Path::new("journey.toml"), None, None);
        assert!(doubts.may_define(&["whatever"], "journey.toml", &place));
    }
}
