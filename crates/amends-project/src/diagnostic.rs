//! One mistake in a definition file.

use crate::Place;

/// A mistake: where, which words, why it is one, and what was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The code of its page, `AM01..` or `AM02..`.
    pub code: &'static str,
    /// Where.
    pub place: Place,
    /// The words written there.
    pub words: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to write instead.
    pub suggestion: Option<String>,
    /// A warning does not stop anything.
    pub is_warning: bool,
}
