//! Who is who, read from a real ledger.

mod events;
mod snapshots;
