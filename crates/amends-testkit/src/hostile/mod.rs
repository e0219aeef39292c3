//! Input that somebody damaged, by accident or on purpose: seeded mutations, and a watch over the process that reads them.

mod dice;
mod mutate;
mod watch;

pub use dice::Dice;
pub use mutate::mutated;
pub use watch::{Watch, watched};
