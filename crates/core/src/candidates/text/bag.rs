//! Texts as counts of characters, 32 of them at a time: how many characters two texts have in common at most.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::borrow::Cow;

/// Lanes of a signature.
const LANES: usize = 32;
/// Counts above this don't fit a lane: such texts are not judged by their signature.
pub(super) const COUNT_MAX: u32 = 255;

/// How often the characters of each lane occur.
pub(super) type Bag = [u8; LANES];

/// Which lane a character counts in: the most frequent ones have their own, the others share the last.
#[derive(Debug)]
pub(super) struct Lanes {
    ascii: [u8; 128],
    others: HashMap<char, u8, FixedState>,
}

/// The character occurs in no text.
const NO_LANE: u8 = u8::MAX;

impl Lanes {
    /// Lanes for the characters of these texts (the last part of each).
    pub(super) fn of(texts: &[(u32, u32, Cow<'_, str>)]) -> Self {
        let mut ascii = [0_u64; 128];
        let mut others: HashMap<char, u64, FixedState> = HashMap::default();
        for character in texts.iter().flat_map(|(_, _, text)| text.chars()) {
            match ascii.get_mut(u32::from(character) as usize) {
                Some(count) => *count += 1,
                None => *others.entry(character).or_default() += 1,
            }
        }
        let from_ascii = (0_u8..).zip(ascii).map(|(code, count)| (count, char::from(code)));
        let mut frequent: Vec<(u64, char)> = from_ascii
            .filter(|(count, _)| *count > 0)
            .chain(others.into_iter().map(|(character, count)| (count, character)))
            .collect();
        frequent.sort_unstable_by_key(|(count, character)| (std::cmp::Reverse(*count), *character));
        let mut lanes = Self { ascii: [NO_LANE; 128], others: HashMap::default() };
        let last = u8::try_from(LANES - 1).unwrap_or(u8::MAX);
        for (lane, (_, character)) in (0..last).chain(std::iter::repeat(last)).zip(frequent) {
            match lanes.ascii.get_mut(u32::from(character) as usize) {
                Some(slot) => *slot = lane,
                None => {
                    lanes.others.insert(character, lane);
                }
            }
        }
        lanes
    }

    /// The counts of a text; saturated beyond [`COUNT_MAX`].
    pub(super) fn bag(&self, text: &str) -> Bag {
        let mut bag = [0_u8; LANES];
        for character in text.chars() {
            let lane = match self.ascii.get(u32::from(character) as usize) {
                Some(lane) => *lane,
                None => self.others.get(&character).copied().unwrap_or(NO_LANE),
            };
            if let Some(count) = bag.get_mut(usize::from(lane)) {
                *count = count.saturating_add(1);
            }
        }
        bag
    }

    pub(super) fn bytes(&self) -> usize {
        self.ascii.len() + self.others.allocation_size()
    }
}

/// The most characters two texts can have in common.
#[inline]
pub(super) fn overlap(left: &Bag, right: &Bag) -> u32 {
    // Two lanes of a sum of minima stay below 2^16 in each of 16 places: what compilers turn into a few vector
    // instructions.
    let mut sums = [0_u16; LANES / 2];
    let (left_low, left_high) = left.split_at(LANES / 2);
    let (right_low, right_high) = right.split_at(LANES / 2);
    for lane in 0..LANES / 2 {
        sums[lane] =
            u16::from(left_low[lane].min(right_low[lane])) + u16::from(left_high[lane].min(right_high[lane]));
    }
    sums.iter().map(|sum| u32::from(*sum)).sum()
}
