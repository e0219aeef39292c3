//! One mistake in a definition file.

use std::fmt;

use amends_expressions::PlanError;

use crate::{Place, Sql};

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

impl Diagnostic {
    /// The mistake that SQL of a definition holds, at its place in the file.
    pub fn of_sql(sql: &Sql, error: &PlanError) -> Self {
        let first_line = sql.text.lines().next().unwrap_or_default();
        Self {
            code: PlanError::CODE,
            place: error
                .at
                .map_or_else(|| sql.place.clone(), |at| sql.place_of(at)),
            words: error.words.clone().unwrap_or_else(|| first_line.to_owned()),
            message: error.message.clone(),
            suggestion: error.suggestion.clone(),
            is_warning: false,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line, column } = &self.place;
        let weight = if self.is_warning {
            "warning"
        } else {
            "mistake"
        };
        write!(
            f,
            "{}:{line}:{column}: {weight} [{}]: {}",
            file.display(),
            self.code,
            self.message
        )?;
        if !self.words.is_empty() {
            write!(f, "\n    {}", self.words)?;
        }
        match &self.suggestion {
            Some(suggestion) => write!(f, "\n    -> {suggestion}"),
            None => Ok(()),
        }
    }
}
