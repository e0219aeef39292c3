//! A filter that says "surely not" or "maybe" about a 64-bit value: a split-block Bloom filter whose blocks stand in order of value.
//!
//! Values are hashes already. Because the upper bits choose the block, asking in ascending order walks the filter from front to back.

/// Bytes of one block: eight words of 32 bits, of which a value sets one bit each.
pub(crate) const BLOCK_BYTES: usize = 32;
/// Bits spent on a value: about one "maybe" in a thousand is wrong.
const BITS_PER_VALUE: usize = 16;
/// Odd multipliers, one for each word of a block.
const SALTS: [u32; 8] = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];

/// A filter over values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sieve {
    blocks: Vec<[u32; 8]>,
}

/// Which block of so many a value belongs to.
pub(crate) fn block_of(value: u64, blocks: usize) -> usize {
    ((u128::from(value) * blocks as u128) >> 64) as usize
}

fn bits_of(value: u64) -> [u32; 8] {
    // The upper bits chose the block; a multiplication spreads the lower ones.
    let spread = (value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32;
    SALTS.map(|salt| 1 << (spread.wrapping_mul(salt) >> 27))
}

impl Sieve {
    /// An empty filter for about so many values.
    pub(crate) fn new(values: usize) -> Self {
        let blocks = (values * BITS_PER_VALUE).div_ceil(BLOCK_BYTES * 8).max(1);
        Self {
            blocks: vec![[0; 8]; blocks],
        }
    }

    /// Lets a value through from now on.
    pub(crate) fn insert(&mut self, value: u64) {
        let block = block_of(value, self.blocks.len());
        for (word, bit) in self.blocks[block].iter_mut().zip(bits_of(value)) {
            *word |= bit;
        }
    }

    /// Whether a value may have been inserted.
    pub(crate) fn maybe(&self, value: u64) -> bool {
        let block = &self.blocks[block_of(value, self.blocks.len())];
        passes(block, value)
    }

    /// How many blocks it has.
    pub(crate) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The bytes of its blocks, one after the other.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let words = self.blocks.iter().flatten();
        words.flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Reads so many blocks; `None` if there are too few bytes.
    pub(crate) fn from_bytes(bytes: &[u8], blocks: usize) -> Option<Self> {
        let bytes = bytes.get(..blocks.checked_mul(BLOCK_BYTES)?)?;
        let blocks: Vec<_> = bytes.chunks_exact(BLOCK_BYTES).map(block).collect();
        (!blocks.is_empty()).then_some(Self { blocks })
    }
}

fn block(bytes: &[u8]) -> [u32; 8] {
    std::array::from_fn(|word| {
        let at = word * 4;
        u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
    })
}

/// Whether a value may have been inserted into the filter that this block, the value's, is of.
pub(crate) fn maybe_in(bytes: &[u8], value: u64) -> bool {
    bytes.len() >= BLOCK_BYTES && passes(&block(bytes), value)
}

fn passes(block: &[u32; 8], value: u64) -> bool {
    let mut all = true;
    for (word, bit) in block.iter().zip(bits_of(value)) {
        all &= word & bit != 0;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64;

    fn value(number: u64) -> u64 {
        xxh3_64(&number.to_le_bytes())
    }

    #[test]
    fn it_forgets_nothing_and_invents_little() {
        let mut sieve = Sieve::new(50_000);
        (0..50_000).for_each(|number| sieve.insert(value(number)));
        assert!((0..50_000).all(|number| sieve.maybe(value(number))));
        let wrong = (50_000..150_000).filter(|number| sieve.maybe(value(*number)));
        let wrong = wrong.count();
        assert!(wrong < 300, "{wrong} of 100000");
        let bytes = sieve.to_bytes();
        assert_eq!(Sieve::from_bytes(&bytes, sieve.blocks()), Some(sieve));
        assert_eq!(Sieve::from_bytes(&bytes[1..], bytes.len() / 32), None);
    }
}
