//! A disk that loses power: what a program wrote, as the system saw it, and every state in which a power cut could have left it.
//!
//! A program runs under `strace`; [`log::read`] makes operations of what it was seen to do; [`model::Disk`] takes them in order and, at any point, gives
//! folders as they could stand after a power cut: what was synced is there; of what was not, each write may be there, missing or torn, whatever came
//! after it, and names may be those of any moment since their folder was synced.

pub mod log;
pub mod model;
