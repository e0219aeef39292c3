//! The sizes at which the ledger changes its ways.

/// At how many events what happens. Tests make them small; everybody else takes the default, which was chosen by measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Events of one kind that are gathered before they are deduped and written as a segment.
    pub buffered_events: usize,
    /// Bytes of events of all kinds that are gathered; beyond this the largest buffer is written.
    pub buffered_bytes: usize,
    /// What is left of a kind at the end of an import goes to the tail when it has fewer events than this.
    pub small: usize,
    /// The tail is moved into segments when it has this many events.
    pub full_tail: usize,
    /// Events of one slice of time in a segment, about: one row group.
    pub slice: usize,
    /// Parts of about one size of a kind are merged when there are this many of them.
    pub fan: usize,
    /// A commit merges segments by itself while the merged one has no more events than this.
    pub merged_at_once: usize,
    /// No segment is merged beyond this many events.
    pub merged_at_most: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            buffered_events: 524_288,
            buffered_bytes: 256 << 20,
            small: 5_000,
            full_tail: 50_000,
            slice: 131_072,
            fan: 8,
            merged_at_once: 1 << 20,
            merged_at_most: 4 << 20,
        }
    }
}
