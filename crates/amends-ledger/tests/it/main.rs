//! The ledger as others use it.

mod events;
mod importing;
