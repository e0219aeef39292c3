//! `cargo xtask demo`: builds the program and shows its main job on an invented company.

use std::path::Path;

use crate::run::{self, shown};

/// Simulates a company, imports it, and shows the card, a broken promise and one customer.
///
/// # Errors
/// The command that failed.
pub(crate) fn run(root: &Path, _arguments: &[String]) -> Result<(), String> {
    shown(root, &run::cargo(), &["build", "--bin", "amends"], &[])?;
    Err("the program has nothing to show yet".into())
}
