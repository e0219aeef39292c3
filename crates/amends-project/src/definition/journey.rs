//! The designed journey: stages, touchpoints, who owns them, and what is normal there.

use jiff::civil::Date;

/// `journey.toml`, `[stage.NAME]`.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// What it is.
    pub says: String,
}

/// `journey.toml`, `[touchpoint.NAME]`.
#[derive(Clone, Debug)]
pub struct Touchpoint {
    /// Its name.
    pub name: String,
    /// What it is.
    pub says: String,
    /// Its stage.
    pub stage: String,
    /// Who owns it.
    pub owner: String,
    /// Whether it is a moment of truth.
    pub moment_of_truth: bool,
    /// The written "great".
    pub standard: Option<String>,
    /// The share of its promises that is to be kept, where "great" is a number too.
    pub great: Option<f64>,
    /// What is normal there, where it is another past than everywhere.
    pub baseline: Option<Baseline>,
}

/// `baseline = "2026-01..2026-06"`: the past that says what is normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// Its first day.
    pub from: Date,
    /// The first day after it.
    pub until: Date,
}
