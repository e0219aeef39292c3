//! Arguments of what is about to break.

use clap::Args;

/// Which open promises are listed.
#[derive(Args, Debug)]
pub(crate) struct Due {
    /// How far ahead to look.
    #[arg(long, default_value = "7 days", value_name = "WAIT")]
    pub within: String,
    /// Only this promise.
    #[arg(long, value_name = "ID")]
    pub promise: Option<String>,
    /// Only what is at least so likely to be broken, in percent.
    #[arg(long, value_name = "PERCENT", value_parser = percentage)]
    pub likely: Option<f64>,
    /// At most so many lines for people; JSON has them all.
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: usize,
}

/// A number between 0 and 100.
fn percentage(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.trim_end_matches('%').trim().parse().ok();
    let number = number.filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| "write a number between 0 and 100".to_owned())
}
