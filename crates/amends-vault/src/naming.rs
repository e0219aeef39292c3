//! Whom a text names, without knowing how the text is laid out: its cells and words are hashed as names are.
//!
//! A row that could not be read has no columns. It names somebody where one of their names stands in it as a whole cell or a whole
//! word, in one of the forms in which names are compared. Erasing, what is told to a person about themselves, and what may not come
//! back are all found this way, so that they agree.

use std::collections::HashSet;

use crate::fingerprint::Fingerprint;
use crate::sealing::Keys;

/// Between cells, whatever the format: CSV of any kind, JSON.
const CELLS: [char; 11] = [',', ';', '\t', '|', '\n', '\r', '"', '{', '}', '[', ']'];
/// What may stand around a word and is no part of a name.
const AROUND: [char; 12] = ['<', '>', '(', ')', '\'', ':', '=', '.', '!', '?', '*', '/'];
/// Fewer characters than this are a name by chance only too easily: `17` is a customer's number and a quantity.
const SURE: usize = 4;
/// Fewer digits than this are no telephone number.
const DIGITS: usize = 5;
/// Longer than this no name is.
const LONGEST: usize = 512;

/// How sure it is that a text names somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    /// Something as short as one of their names stands in it.
    Perhaps,
    /// One of their names stands in it.
    Surely,
}

/// The names that are looked for.
pub(crate) struct Sought {
    /// The namespaces in which they are names.
    pub(crate) namespaces: Vec<String>,
    /// Their fingerprints.
    pub(crate) fingerprints: HashSet<Fingerprint>,
}

impl Sought {
    /// Whether a text holds one of them.
    pub(crate) fn named_in(&self, keys: &Keys, text: &[u8]) -> Option<Naming> {
        if self.fingerprints.is_empty() {
            return None;
        }
        let is_sought = |form: &String| {
            let mut namespaces = self.namespaces.iter();
            namespaces.any(|namespace| {
                self.fingerprints
                    .contains(&keys.fingerprint(namespace, form))
            })
        };
        let found = forms(&decoded(text)).into_iter().filter(is_sought);
        found
            .map(|form| match form.chars().count() < SURE {
                true => Naming::Perhaps,
                false => Naming::Surely,
            })
            .max()
    }
}

/// Text that is not UTF-8 is read as Latin-1: mail addresses and numbers are the same in nearly every encoding.
fn decoded(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => text.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Everything in a text that may be a name, in each form in which names are compared.
fn forms(text: &str) -> HashSet<String> {
    let mut forms = HashSet::new();
    for cell in text.split(CELLS) {
        let cell = cell.trim();
        add(cell, &mut forms);
        for word in cell.split_whitespace() {
            add(word, &mut forms);
            add(word.trim_matches(AROUND), &mut forms);
            // `mailto:ada@example.org` and `name=ada`.
            word.split([':', '='])
                .for_each(|part| add(part, &mut forms));
        }
    }
    forms
}

fn add(name: &str, forms: &mut HashSet<String>) {
    if name.is_empty() || name.len() > LONGEST || forms.contains(name) {
        return;
    }
    let digits = name.chars().filter(char::is_ascii_digit);
    let mut digits: String = digits.collect();
    if digits.len() >= DIGITS {
        if name.starts_with('+') {
            digits.insert(0, '+');
        }
        forms.insert(digits);
    }
    forms.insert(name.to_lowercase());
    forms.insert(name.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sought(keys: &Keys, names: &[(&str, &str)]) -> Sought {
        Sought {
            namespaces: vec!["email".into(), "phone".into(), "number".into()],
            fingerprints: names
                .iter()
                .map(|(namespace, name)| keys.fingerprint(namespace, name))
                .collect(),
        }
    }

    #[test]
    fn a_name_is_found_as_a_whole_cell_or_word_and_nowhere_else() {
        let keys = Keys::new(&[7; 32]);
        let ada = sought(
            &keys,
            &[
                ("email", "ada@example.org"),
                ("phone", "+43123456"),
                ("number", "17"),
            ],
        );
        let named = |text: &str| ada.named_in(&keys, text.as_bytes());
        for text in [
            "1;Ada@Example.ORG;x",
            "{\"who\": {\"mail\":\"ada@example.org\"}}",
            "write to ada@example.org.",
            "Ada <ada@example.org>, mailto:ada@example.org",
            "a,\"+43 (1) 234-56\",b",
        ] {
            assert_eq!(named(text), Some(Naming::Surely), "{text}");
        }
        for text in ["", "xada@example.org", "great-ada@example.org", "117;171"] {
            assert_eq!(named(text), None, "{text}");
        }
        assert_eq!(named("2018-01-01,17,x"), Some(Naming::Perhaps));
        let latin = b"M\xfcller;ada@example.org";
        assert_eq!(ada.named_in(&keys, latin), Some(Naming::Surely));
    }
}
