//! The nouns of Amends: ids, moments, money, periods, waits, events, figures and problems. No I/O.
//!
//! Everything here is a plain value. Nothing reads a clock, a file or the environment.

pub mod clock;
pub mod event;
pub mod figure;
pub mod id;
pub mod instance;
pub mod money;
pub mod period;
pub mod problem;
pub mod stretch;
pub mod time;
pub mod wait;

pub use figure::{Evidence, Figure, Formula, Interval};
pub use id::{EventId, IdentifierId, RecordKey};
pub use instance::State;
pub use money::{Currency, Money};
pub use period::Period;
pub use problem::{Problem, Result};
pub use stretch::{Every, Stretch};
