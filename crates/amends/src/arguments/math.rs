//! Arguments of customer math.

use clap::Args;

/// Which customer math.
#[derive(Args, Debug)]
pub(crate) struct Math {
    /// The first period. Default: so that there are twelve.
    #[arg(long, value_name = "P")]
    pub from: Option<String>,
    /// The last period. Default: the last whole one.
    #[arg(long, value_name = "P")]
    pub to: Option<String>,
    /// Also of each segment of this name, as customers.toml defines it: [segment.NAME].
    #[arg(long, value_name = "SEGMENT")]
    pub by: Option<String>,
    /// At most so many segments for people, the largest; JSON has them all.
    #[arg(long, default_value_t = 12, value_name = "N")]
    pub limit: usize,
}
