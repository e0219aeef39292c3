//! What is kept about people, and how long: everything about one person, erasing, legal holds, backup and restore.
//!
//! # Erasing
//! ```text
//! journal ─> vault: keys, names, fields, raw rows ─> the vault's log emptied ─> decision in the ledger ─> done
//! ```
//! The journal comes first. It holds no personal data and stands apart from backups; whoever opens a ledger and a vault carries out
//! what the journal says and the vault does not know yet ([`finish`]). So an erasure that a crash cut short is finished, and one that
//! is younger than a restored backup is repeated.

mod about;
mod backup;
mod decisions;
mod erase;
mod files;
mod journal;
mod manifest;
mod person;
mod rehearsal;
pub mod reserve;
mod restore;
mod retention;
pub mod sums;
mod usage;

pub use about::{Asked, everything_about};
pub use backup::{BackedUp, Folders, back_up};
pub use decisions::{ERASED, HELD, Hold, LIFTED, hold, holds, lift};
pub use erase::{Done, Plan, erase, finish, plan};
pub use journal::Journal;
pub use person::Person;
pub use rehearsal::{Rehearsal, sweep};
pub use restore::{Restored, restore, see_whole};
pub use retention::{Forgotten, Limits, forget_old};
pub use usage::{Part, Usage, free, usage};
