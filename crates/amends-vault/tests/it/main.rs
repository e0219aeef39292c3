//! The vault from outside: what goes in comes out, to the right person only, and nowhere else.

mod bytes;
mod concurrent;
mod erasing;
mod model;
mod opening;
mod round_trips;
mod tampering;
mod under_way;

use std::path::Path;

use amends_model::RecordKey;
use amends_testkit::tempfile::TempDir;
use amends_vault::Vault;

fn folder() -> TempDir {
    TempDir::new().unwrap()
}

async fn open(folder: &Path) -> Vault {
    Vault::open(folder).await.unwrap()
}

fn record(number: u8) -> RecordKey {
    RecordKey([number; 16])
}
