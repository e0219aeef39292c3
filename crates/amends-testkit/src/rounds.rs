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

/// The seed of a test that draws at random: always the same, or the one in `AMENDS_SEED`. It is printed, so that a failure can be repeated.
///
/// # Panics
/// When `AMENDS_SEED` is no whole number.
#[allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "the one place through which tests learn their seed, and say it"
)]
pub fn seed(fixed: u64) -> u64 {
    let seed = match std::env::var("AMENDS_SEED") {
        Ok(text) => text.parse().expect("AMENDS_SEED is a whole number"),
        Err(_) => fixed,
    };
    eprintln!("AMENDS_SEED={seed}");
    seed
}
