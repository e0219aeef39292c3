//! Why SQL cannot be planned, said with the words of the one who wrote it.

use std::fmt;

/// Why an expression or a query cannot be planned, with the place inside its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The words that are wrong, where they can be told.
    pub words: Option<String>,
    /// Line and column of those words inside the text, from 1, in characters.
    pub at: Option<(usize, usize)>,
    /// What was probably meant, or what to do.
    pub suggestion: Option<String>,
}

impl PlanError {
    /// The code of the page that explains mistakes in SQL.
    pub const CODE: &'static str = "AM0201";

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            words: None,
            at: None,
            suggestion: None,
        }
    }

    pub(crate) fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// The name of the column that is not there, where that is what is wrong.
    pub fn absent_column(&self) -> Option<&str> {
        let name = self.message.strip_prefix("there is no column `")?;
        let name = name.strip_suffix('`')?;
        Some(name.rsplit('.').next().unwrap_or(name))
    }

    /// Points at the first place where one of these words stands in the text.
    pub(crate) fn pointing(mut self, text: &str, word: &str) -> Self {
        if let Some(found) = crate::words::find(text, word) {
            self.words = Some(found.words);
            self.at = Some(found.at);
        }
        self
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, " ({suggestion})")?;
        }
        Ok(())
    }
}

impl std::error::Error for PlanError {}
