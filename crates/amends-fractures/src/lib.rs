//! Where promises keep breaking, and what became of each such place.
//!
//! The path: the instances of a promise whose time has come become rows with attributes ([`exposed`]); numbers and dates are told apart by bins
//! ([`bins`]); the places that chance does not explain are found ([`discover`]); of each is told who fell through, since when, and what it shares
//! ([`Fracture`]); what people decided about it gives its state ([`life`]), and
//! what successive looks saw tells what is new and what is back ([`looks`]).

pub mod bins;
mod calendar;
mod causes;
pub mod discover;
pub mod exposed;
mod fracture;
pub mod hazard;
pub mod life;
pub mod looks;
mod order;
mod read;
mod ripe;
mod stakes;
mod successor;
mod tell;
mod voice;
mod whereabouts;

pub use causes::{Change, Trait};
pub use fracture::{Elsewhere, Fracture, Harmed, Trend};
pub use life::{Decided, Decision, History, Standing, State};
pub use looks::{Look, Sight};
pub use read::{Fractures, Unmeasured, read, read_with_money};
pub use whereabouts::{Part, Where};
