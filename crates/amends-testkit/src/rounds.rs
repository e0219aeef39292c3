//! How often a proof is tried.

/// How many rounds a long proof takes: the short number in every run, the long one where `AMENDS_LONG` is set, as `cargo xtask test --long` does.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place through which tests learn how long they may take"
)]
pub fn rounds(short: usize, long: usize) -> usize {
    match std::env::var_os("AMENDS_LONG") {
        Some(_) => long,
        None => short,
    }
}
