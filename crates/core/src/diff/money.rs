//! Sums of amounts, by currency.

use super::names::{Code, Names};
use crate::outcome::money_text;
use arrow_array::{Array as _, Decimal128Array};
use arrow_buffer::i256;
use std::collections::BTreeMap;

/// Sums of some amounts, by the number of their currency.
#[derive(Debug, Clone)]
pub(super) struct ByCurrency<const N: usize>(BTreeMap<Code, [i256; N]>);

impl<const N: usize> Default for ByCurrency<N> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<const N: usize> ByCurrency<N> {
    /// Adds to one of the sums of a currency.
    pub(super) fn add(&mut self, currency: Code, at: usize, amount: i128) {
        let sum = &mut self.0.entry(currency).or_insert([i256::ZERO; N])[at];
        *sum = sum.wrapping_add(i256::from_i128(amount));
    }

    /// Every currency with its sums as text: no currency first, the others by name.
    pub(super) fn texts(&self, names: &Names, scale: u8) -> Vec<(Option<String>, [String; N])> {
        let mut all: Vec<_> = self
            .0
            .iter()
            .map(|(code, sums)| (names.owned(*code), sums.map(|sum| money_text(sum, scale))))
            .collect();
        all.sort_unstable();
        all
    }
}

/// The amount of a row; null is `None`.
pub(super) fn amount(amounts: &Decimal128Array, row: usize) -> Option<i128> {
    amounts.is_valid(row).then(|| amounts.value(row))
}
