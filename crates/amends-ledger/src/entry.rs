//! One stored event as dedupe knows it: forty-eight bytes in a key file.

use amends_model::EventId;

/// Bytes of one entry in a key file.
pub(crate) const ENTRY_BYTES: usize = 48;

/// Marks, in the last field of an entry, that the source gave no version.
const NO_VERSION: u32 = 1 << 31;

/// A stored event: which record, what it said, in which version, when it came in, and on which row of its part it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The record's key, big-endian.
    pub(crate) key: u128,
    /// Hash of what the source said.
    pub(crate) content: i64,
    /// The source's own version.
    pub(crate) version: Option<i64>,
    /// The order of ingest over the whole ledger: import in the upper half, place in it in the lower.
    pub(crate) sequence: u64,
    /// The row in the part's events.
    pub(crate) row: u32,
    /// How often this content had come with this version before.
    pub(crate) occurrence: u32,
}

impl Entry {
    /// The id of the event.
    pub(crate) fn id(&self) -> EventId {
        event_id(self.key, self.version, self.content, self.occurrence)
    }

    /// Appends the entry's bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let flag = if self.version.is_none() {
            NO_VERSION
        } else {
            0
        };
        out.extend_from_slice(&self.key.to_be_bytes());
        out.extend_from_slice(&self.content.to_le_bytes());
        out.extend_from_slice(&self.version.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&self.row.to_le_bytes());
        out.extend_from_slice(&(self.occurrence | flag).to_le_bytes());
    }

    /// Reads an entry from its bytes; `None` if there are too few.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let last = u32::from_le_bytes(bytes.get(44..48)?.try_into().ok()?);
        let version = i64::from_le_bytes(bytes.get(24..32)?.try_into().ok()?);
        Some(Self {
            key: u128::from_be_bytes(bytes.get(0..16)?.try_into().ok()?),
            content: i64::from_le_bytes(bytes.get(16..24)?.try_into().ok()?),
            version: (last & NO_VERSION == 0).then_some(version),
            sequence: u64::from_le_bytes(bytes.get(32..40)?.try_into().ok()?),
            row: u32::from_le_bytes(bytes.get(40..44)?.try_into().ok()?),
            occurrence: last & !NO_VERSION,
        })
    }
}

/// The id of an event: the first half of its key, then the first eight bytes of BLAKE3 over key, version, content and occurrence.
///
/// The key in front makes a key file an index of ids as well. The same records give the same ids in any order of import,
/// as long as their source tells versions apart.
pub(crate) fn event_id(key: u128, version: Option<i64>, content: i64, occurrence: u32) -> EventId {
    let mut said = [0_u8; 37];
    said[..16].copy_from_slice(&key.to_be_bytes());
    said[16] = u8::from(version.is_some());
    said[17..25].copy_from_slice(&version.unwrap_or(0).to_le_bytes());
    said[25..33].copy_from_slice(&content.to_le_bytes());
    said[33..].copy_from_slice(&occurrence.to_le_bytes());
    let mut id = [0_u8; 16];
    id[..8].copy_from_slice(&said[..8]);
    id[8..].copy_from_slice(&blake3::hash(&said).as_bytes()[..8]);
    EventId(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_reads_what_it_wrote() {
        for version in [None, Some(0), Some(-7), Some(i64::MAX)] {
            let entry = Entry {
                key: 0x1234_5678_9abc_def0_0fed_cba9_8765_4321,
                content: -3,
                version,
                sequence: 1 << 40 | 7,
                row: 9,
                occurrence: 2,
            };
            let mut bytes = Vec::new();
            entry.write(&mut bytes);
            assert_eq!(bytes.len(), ENTRY_BYTES);
            assert_eq!(Entry::read(&bytes), Some(entry));
        }
        assert_eq!(Entry::read(&[0; 47]), None);
    }

    #[test]
    fn ids_never_change_between_releases() {
        let id = event_id(1 << 64 | 5, Some(3), 42, 0);
        assert_eq!(&id.to_string()[..16], "0000000000000001");
        assert_ne!(id, event_id(1 << 64 | 5, None, 42, 0));
        assert_ne!(id, event_id(1 << 64 | 5, Some(3), 42, 1));
    }
}
