//! `customers.toml`, `[identifier.NAME]`: what names someone.

use std::collections::{BTreeMap, BTreeSet};

use super::name;
use crate::definition::{Counted, IdentifierRule, Normalise};
use crate::read::{Section, Text};

/// On more than this many others an identifier is no evidence, unless it says otherwise.
const AT_MOST: usize = 5;

/// The rule of an identifier that a source uses and nothing declares.
pub(crate) fn undeclared(name: &str) -> IdentifierRule {
    IdentifierRule {
        name: name.to_owned(),
        normalise: Normalise::None,
        at_most: AT_MOST,
        generic: BTreeSet::new(),
        names: Counted::Customers,
    }
}

/// The identifiers that customers.toml declares, with where.
pub(crate) fn read_all(whole: &Section<'_>) -> (BTreeMap<String, IdentifierRule>, Vec<Text>) {
    let mut rules = BTreeMap::new();
    let mut names = Vec::new();
    for (name, section) in whole.named("identifier") {
        name::check(&name, whole.report);
        rules.insert(name.text.clone(), one(&name, &section));
        names.push(name);
    }
    (rules, names)
}

fn one(name: &Text, section: &Section<'_>) -> IdentifierRule {
    let forms = [
        ("none", Normalise::None),
        ("lower", Normalise::Lower),
        ("email", Normalise::Email),
        ("phone", Normalise::Phone),
    ];
    let counted = [
        ("person", Counted::Customers),
        ("account", Counted::Accounts),
    ];
    let usual = undeclared(&name.text);
    let at_most = section
        .integer("at-most", 1, i64::MAX)
        .and_then(|count| usize::try_from(count).ok());
    let generic = section.texts("generic").unwrap_or_default();
    let rule = IdentifierRule {
        normalise: section
            .choice("normalise", &forms)
            .unwrap_or(usual.normalise),
        at_most: at_most.unwrap_or(usual.at_most),
        generic: generic
            .into_iter()
            .map(|name| name.text.trim().to_lowercase())
            .collect(),
        names: section.choice("names", &counted).unwrap_or(usual.names),
        ..usual
    };
    section.finish();
    rule
}
