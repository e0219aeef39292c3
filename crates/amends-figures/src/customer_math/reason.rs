//! Stated reasons for leaving and what they mean.

use std::collections::HashMap;

use amends_project::definition::{Cause, Nature, ReasonClass};
use xxhash_rust::xxh3::xxh3_64;

/// A stated reason: a hash of its words, spelled in one way. [`Reason::NONE`] where none was stated.
///
/// The hash does not depend on the order in which reasons are met, so that ties between reasons fall the same way in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason(pub u64);

impl Reason {
    /// No reason was stated.
    pub const NONE: Reason = Reason(0);

    /// Whether a reason was stated.
    pub fn is_stated(self) -> bool {
        self != Self::NONE
    }
}

/// The reasons met so far, and the classes that the project puts them in.
#[derive(Clone, Debug, Default)]
pub struct Reasons {
    classes: HashMap<Reason, (Nature, Cause)>,
    /// What each text that was met states, as it was written.
    known: HashMap<String, Reason>,
    /// How often each spelling of a reason was met.
    spellings: HashMap<Reason, HashMap<String, u64>>,
}

impl Reasons {
    /// No reasons yet, with the project's classes. Where a reason stands in several classes the first counts.
    pub fn new(classes: &[ReasonClass]) -> Self {
        let mut of = HashMap::new();
        for class in classes {
            for reason in &class.reasons {
                if let Some((key, _)) = key(reason) {
                    of.entry(key).or_insert((class.nature, class.cause));
                }
            }
        }
        Self {
            classes: of,
            ..Self::default()
        }
    }

    /// Notes a reason as it was stated, compared without case and without space around it. Nothing but space states none.
    pub fn meet(&mut self, text: &str) -> Reason {
        let Some(known) = self.known.get(text).copied() else {
            return self.meet_first(text);
        };
        if let Some(times) = self
            .spellings
            .get_mut(&known)
            .and_then(|spellings| spellings.get_mut(text.trim()))
        {
            *times += 1;
        }
        known
    }

    fn meet_first(&mut self, text: &str) -> Reason {
        let Some((reason, trimmed)) = key(text) else {
            self.known.insert(text.to_owned(), Reason::NONE);
            return Reason::NONE;
        };
        self.known.insert(text.to_owned(), reason);
        let spellings = self.spellings.entry(reason).or_default();
        *spellings.entry(trimmed.to_owned()).or_default() += 1;
        reason
    }

    /// What a reason means: whose doing it was, and over what. Unknown where the project does not say.
    pub fn class(&self, reason: Reason) -> (Nature, Cause) {
        self.classes
            .get(&reason)
            .copied()
            .unwrap_or((Nature::Unknown, Cause::Unknown))
    }

    /// Every reason that was met, in order of its words.
    pub fn all(&self) -> Vec<Reason> {
        let mut all: Vec<Reason> = self.spellings.keys().copied().collect();
        all.sort_by(|a, b| self.words(*a).cmp(self.words(*b)).then(a.cmp(b)));
        all
    }

    /// The words of a reason as they are spelled most often.
    pub fn words(&self, reason: Reason) -> &str {
        let spellings = self.spellings.get(&reason).into_iter().flatten();
        spellings
            .min_by(|(a, times_a), (b, times_b)| times_b.cmp(times_a).then(a.cmp(b)))
            .map_or("", |(words, _)| words)
    }
}

/// The key of a reason and its words without the space around them; `None` if there are none.
fn key(text: &str) -> Option<(Reason, &str)> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    let hash = xxh3_64(trimmed.to_lowercase().as_bytes());
    Some((Reason(hash.max(1)), trimmed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_compared_without_case_and_shown_as_most_people_write_them() {
        let mut reasons = Reasons::new(&[ReasonClass {
            reasons: vec!["moved AWAY".into()],
            nature: Nature::Natural,
            cause: Cause::Life,
        }]);
        let moved = reasons.meet("Moved away");
        assert_eq!(reasons.meet(" moved away "), moved);
        assert_eq!(reasons.meet("moved away"), moved);
        assert_eq!(reasons.words(moved), "moved away");
        assert_eq!(reasons.class(moved), (Nature::Natural, Cause::Life));
        let other = reasons.meet("Too dear");
        assert_eq!(reasons.class(other), (Nature::Unknown, Cause::Unknown));
        assert_eq!(reasons.meet("  "), Reason::NONE);
        assert_eq!(
            reasons.class(Reason::NONE),
            (Nature::Unknown, Cause::Unknown)
        );
    }
}
