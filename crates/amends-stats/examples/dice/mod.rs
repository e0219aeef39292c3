//! Numbers that look like chance and are the same in every run.

/// xorshift64* of S. Vigna.
pub(crate) struct Dice(u64);

impl Dice {
    /// The same numbers every time.
    pub(crate) fn new() -> Self {
        Self(88_172_645_463_325_252)
    }

    /// Above 0 and below 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
        (bits as f64 + 0.5) / (1_u64 << 53) as f64
    }
}
