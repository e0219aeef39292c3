//! Where mistakes are gathered, so that none of them hides another.

use std::cell::RefCell;

use super::Spot;
use crate::Diagnostic;

/// Every mistake found so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    found: RefCell<Vec<Diagnostic>>,
}

impl Report {
    /// Records a mistake, perhaps with what to write instead.
    pub(crate) fn mistake(
        &self,
        code: &'static str,
        spot: &Spot,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.add(code, spot, message.into(), suggestion, false);
    }

    /// Records something that is probably not meant, but stops nothing.
    pub(crate) fn warning(
        &self,
        code: &'static str,
        spot: &Spot,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.add(code, spot, message.into(), suggestion, true);
    }

    fn add(
        &self,
        code: &'static str,
        spot: &Spot,
        message: String,
        suggestion: Option<String>,
        is_warning: bool,
    ) {
        self.found.borrow_mut().push(Diagnostic {
            code,
            place: spot.place.clone(),
            words: spot.words.clone(),
            message,
            suggestion,
            is_warning,
        });
    }

    /// Whether a file, or a file of a folder, holds a mistake.
    pub(crate) fn has_mistakes_in(&self, path: &str) -> bool {
        let found = self.found.borrow();
        found
            .iter()
            .any(|one| !one.is_warning && one.place.file.starts_with(path))
    }

    /// All mistakes in the order of files and lines.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by(|one, other| {
            one.place
                .cmp(&other.place)
                .then_with(|| one.message.cmp(&other.message))
        });
        found.dedup();
        found
    }
}
