//! Features by rarity, and the texts that have them.

use foldhash::fast::FixedState;
use hashbrown::{Equivalent, HashMap};
use std::hash::Hash;

/// Features, ranked: the rarest has rank 0; equally rare ones stand in their own order.
#[derive(Debug)]
pub(super) struct Ranks<K> {
    by_key: HashMap<K, u32, FixedState>,
}

impl<K: Hash + Eq + Ord + Clone> Ranks<K> {
    /// Ranks the features of texts. A text names each of its features once.
    pub(super) fn of<'a>(features: impl Iterator<Item = &'a K>) -> Self
    where
        K: 'a,
    {
        let mut by_key: HashMap<K, u32, FixedState> = HashMap::default();
        for feature in features {
            match by_key.get_mut(feature) {
                Some(count) => *count += 1,
                None => {
                    by_key.insert(feature.clone(), 1);
                }
            }
        }
        let mut order: Vec<(u32, &mut u32, &K)> =
            by_key.iter_mut().map(|(key, count)| (*count, count, key)).collect();
        order.sort_unstable_by(|(count, _, key), (other, _, other_key)| {
            count.cmp(other).then_with(|| key.cmp(other_key))
        });
        for (rank, (_, slot, _)) in (0..).zip(order) {
            *slot = rank;
        }
        Self { by_key }
    }

    /// The rank of a feature, `None` where no text has it: rarer than all.
    #[inline]
    pub(super) fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<u32> {
        self.by_key.get(key).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Bytes held, the keys' own heap not counted.
    pub(super) fn bytes(&self) -> usize {
        self.by_key.allocation_size()
    }
}

/// Per feature the texts that have it, ascending.
#[derive(Debug, Default)]
pub(super) struct Postings {
    starts: Vec<u32>,
    texts: Vec<u32>,
}

impl Postings {
    /// From the features of each text, in the order of the texts.
    pub(super) fn of<F: AsRef<[u32]>>(features: usize, texts: &[F]) -> Self {
        let mut starts = vec![0_u32; features + 1];
        for rank in texts.iter().flat_map(AsRef::as_ref) {
            starts[*rank as usize + 1] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut entries = vec![0; sum as usize];
        for (text, ranks) in (0..).zip(texts) {
            for rank in ranks.as_ref() {
                let slot = &mut next[*rank as usize];
                entries[*slot as usize] = text;
                *slot += 1;
            }
        }
        Self { starts, texts: entries }
    }

    /// The texts that have a feature, ascending.
    #[inline]
    pub(super) fn get(&self, rank: u32) -> &[u32] {
        let rank = rank as usize;
        &self.texts[self.starts[rank] as usize..self.starts[rank + 1] as usize]
    }

    pub(super) fn bytes(&self) -> usize {
        4 * (self.starts.len() + self.texts.len())
    }
}
