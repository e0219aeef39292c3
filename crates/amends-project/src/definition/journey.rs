//! The designed journey: stages, touchpoints and who owns them.

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
}
