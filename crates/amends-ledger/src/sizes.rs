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

/// Events with more bytes than this on the average are long: fewer are held at once, because what is deduped or sorted is held several times.
const LONG: usize = 1 << 10;
const HELD_OF_LONG: usize = 16 << 20;
/// Of events as large as this fewer still, and a segment that they fill stays as it is.
pub(crate) const LARGE: usize = 64 << 10;
pub(crate) const HELD_OF_LARGE: usize = 4 << 20;

/// How many bytes of events are held at once that take so many bytes each.
pub(crate) fn held_at_once(mean: usize) -> usize {
    match mean {
        large if large > LARGE => HELD_OF_LARGE,
        long if long > LONG => HELD_OF_LONG,
        _ => usize::MAX,
    }
}
