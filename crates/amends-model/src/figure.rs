//! There are no bare numbers: a figure is a value with what it stands on.

use serde::Serialize;

/// What a figure's claim rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Counted in what systems recorded.
    Measured,
    /// Said by customers themselves.
    StatedByCustomers,
    /// Taken over from elsewhere, with its source; not seen in this company's data.
    Assumed,
}

/// The range in which an estimate may lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// How sure it is, such as 0.95.
    pub confidence: f64,
}

/// How a figure follows from others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Formula {
    /// The computation, in words or signs.
    pub says: String,
    /// The ids of the figures that it is computed from.
    pub over: Vec<String>,
}

/// Anything that is shown as a number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Its id, by which `amends people` lists who is behind it, such as `lost.avoidable`. An assumed figure has nobody behind it, and a computed one
    /// those behind the figures that it is computed from.
    pub id: String,
    /// The value; `None` where it is refused.
    pub value: Option<f64>,
    /// How many people or records stand behind it.
    pub count: u64,
    /// For estimates only: a full count has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// The period it speaks of, such as `2018-03`, or the moment it was read at.
    pub period: String,
    /// The version of the definitions it was computed by: a short hash.
    pub definition: String,
    /// What it rests on.
    pub evidence: Evidence,
    /// Why there is no value, and what would be needed (rule 20).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// How it is computed, where it is no count of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<Formula>,
    /// Where an assumed figure was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}
