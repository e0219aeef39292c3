//! Estimators: pure functions over counts and slices. Each names its source and reproduces a published value in its test.
//!
//! An estimate comes with its interval and with the count behind it. What cannot be estimated is `None`, never a made-up number:
//! nobody asked, too few values, a value that is no number, a confidence outside of 0 to 1.

pub mod churn;
pub mod difference;
pub mod garwood;
pub mod interval;
pub mod laney;
pub mod logistic;
pub mod matched;
pub mod mean;
pub mod median;
pub mod nps;
pub mod past;
pub mod ratio;
pub mod subgroups;
pub mod wilson;
pub mod xmr;

pub use interval::Interval;
