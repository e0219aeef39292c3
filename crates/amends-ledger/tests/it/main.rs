//! The ledger as others use it.

mod changing;
mod crashing;
mod events;
mod importing;
mod long;
mod model;
mod read_again;
mod reading;
mod settling;
mod silences;
mod since;
mod unbroken;
mod undoing;
mod undoing_anything;
