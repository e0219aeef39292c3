//! The only way in: files are decoded, checked, mapped to events, deduped by the ledger; what cannot be read is set aside.
//!
//! ```text
//! file ─ decode ─> rows ─ (SQL over the source's tables) ─> records ─ map ─> events ─> ledger
//!          │                       │                                  │
//!          └───────────────────────┴── rows that do not go on ────────┴──────────> quarantine, raw text in the vault
//! ```
//! Every row of a source's main file ends in one of three places: `received = stored + duplicate + quarantined`.

mod altered;
mod aside;
mod check;
mod complete;
mod count;
mod decode;
mod failure;
mod files;
mod import;
mod joined;
mod lines;
mod map;
mod missing;
mod mistake;
mod recognise;
mod replay;
mod sealing;
mod staging;
mod stamp;
mod undo;

pub use altered::{Altered, Renamed, altered, explained};
pub use check::{Kinds, check, kinds};
pub use count::{Counted, count};
pub use files::files;
pub use import::{Watch, import};
pub use map::normalised;
pub use missing::{Missing, missing};
pub use replay::{Replayed, replay};
pub use undo::undo;
