//! Bits that flip where nobody wrote.

use std::fs;
use std::path::{Path, PathBuf};

use amends_ledger::Ledger;
use amends_testkit::rounds;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::{Place, state, work};

#[tokio::test]
async fn a_flipped_bit_in_a_segment_is_found_and_named() {
    let place = Place::new();
    let folder = work::ledger(&place.task);
    let ledger = Ledger::open_sized(&folder, work::SIZES).await.unwrap();
    let writer = ledger.writer("a test").await.unwrap();
    for step in 0..work::STEPS {
        work::import(&writer, step).await.unwrap();
    }
    writer.seal(true).await.unwrap();
    drop(writer);
    let whole = state(&ledger.snapshot().await.unwrap());
    let files = segments(&folder.join("segments"));
    assert!(files.len() >= 4);
    let mut random = ChaCha8Rng::seed_from_u64(3);
    for round in 0..rounds(30, 1_000) {
        let path = &files[round % files.len()];
        let bytes = fs::read(path).unwrap();
        let mut flipped = bytes.clone();
        let place = random.next_u32() as usize % bytes.len();
        flipped[place] ^= 1 << (random.next_u32() % 8);
        fs::write(path, &flipped).unwrap();
        let damage = ledger.verify().await.unwrap();
        assert_eq!(damage.len(), 1, "{damage:?}");
        assert_eq!(&damage[0].path, path);
        fs::write(path, &bytes).unwrap();
    }
    assert_eq!(ledger.verify().await.unwrap(), []);
    assert_eq!(state(&ledger.snapshot().await.unwrap()), whole);
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(segments(&path)),
            false => files.push(path),
        }
    }
    files.sort();
    files
}
