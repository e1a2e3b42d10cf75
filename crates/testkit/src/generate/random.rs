//! Our own small generator (splitmix64), so that a seed means the same case on every machine and for ever.

/// A stream of pseudo-random numbers from a seed.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
    /// Choices given from outside, last one first; they are used up before the generator's own begin.
    given: Vec<u8>,
}

impl Random {
    /// A stream; equal seeds give equal streams.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed, given: Vec::new() }
    }

    /// A stream whose first numbers are made of these bytes, two each: a fuzzer's way to steer.
    #[must_use]
    pub fn steered(bytes: &[u8]) -> Self {
        Self { state: 0, given: bytes.iter().rev().copied().collect() }
    }

    /// The number at a place of a numbered family of streams, without walking to it.
    #[must_use]
    pub fn at(seed: u64, stream: u64, place: u64) -> u64 {
        mix(mix(seed ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93)).wrapping_add(place.wrapping_mul(STEP)))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        if let Some(high) = self.given.pop() {
            // The high bits decide, whatever the bound.
            return u64::from_be_bytes([high, self.given.pop().unwrap_or(0), 0, 0, 0, 0, 0, 0]);
        }
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number below `bound` (0 for a bound of 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        below(self.bits(), bound)
    }

    /// A position below `bound`.
    pub fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(u64::try_from(bound).unwrap_or(u64::MAX))).unwrap_or(0)
    }

    /// Whether something with a chance of `percent` in a hundred happens.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())].clone()
    }

    /// Puts a slice in a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// `bits` scaled to below `bound`, without division.
pub(super) fn below(bits: u64, bound: u64) -> u64 {
    ((u128::from(bits) * u128::from(bound)) >> 64) as u64
}
