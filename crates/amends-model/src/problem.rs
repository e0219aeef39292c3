//! What went wrong, said so that somebody can act on it.

use std::error::Error;
use std::fmt;

/// The result of anything in Amends that can go wrong in a way a user must hear about.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// One thing that went wrong: what, where exactly, and what to do about it.
///
/// `code` names a page of the documentation (`amends help AM0401`); the leading digits say which part speaks:
/// 00 program, 01 project, 02 expressions, 03 vault, 04 ledger, 05 intake, 06 identity, 07 promises, 08 figures, 09 simulator.
#[derive(Debug)]
pub struct Problem {
    code: &'static str,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem with the code of its page and one sentence that says what went wrong, without a full stop.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            detail: None,
            hint: None,
            source: None,
        }
    }

    /// Adds what else is known: the words the user wrote, the place, the values involved.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the error of a library or of the system that lies underneath.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The code of the page that explains this problem, such as `AM0401`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What went wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What else is known; the message of the underlying error where nothing better was given.
    pub fn detail_text(&self) -> Option<String> {
        match (&self.detail, &self.source) {
            (Some(detail), Some(source)) => Some(format!("{detail}: {source}")),
            (Some(detail), None) => Some(detail.clone()),
            (None, Some(source)) => Some(source.to_string()),
            (None, None) => None,
        }
    }

    /// What the user can do about it.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.code)?;
        if let Some(detail) = self.detail_text() {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
