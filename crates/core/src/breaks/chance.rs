//! How many records are expected to come as near as the nearest one by chance: what makes nearness evidence. The rule is
//! in `docs/spec/breaks.md`; all in millionths.

use crate::plan::{Millionths, ONE};

/// Expected records that come as near by chance, up to which nearness is evidence: in millionths.
pub(super) const CHANCE_MAX: u128 = 50_000;

/// share × O × F in millionths, rounded up.
pub(super) fn expected(share: u128, others: u128, Frequent { key, conditions }: Frequent) -> u128 {
    // In millionths to the third power; every factor is below 2^33.
    let expected = share * others * u128::from(key.min(ONE)) * u128::from(conditions.min(ONE));
    expected.div_ceil(u128::from(ONE) * u128::from(ONE))
}

/// The share of records that satisfy the conditions up to which [`expected`] is no coincidence.
pub(super) fn conditions_most(share: u128, others: u128, key: Millionths) -> Millionths {
    let whole = CHANCE_MAX * u128::from(ONE) * u128::from(ONE);
    let most = whole.checked_div(share * others * u128::from(key.min(ONE)));
    most.and_then(|most| Millionths::try_from(most).ok()).unwrap_or(Millionths::MAX)
}

/// How many of the records that lack nothing else are to be expected as near as the nearest, in millionths.
pub(super) fn by_company(share: u128, among: u32) -> u128 {
    share * u128::from(among.saturating_sub(1))
}

/// How many records satisfy what remains, as two shares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frequent {
    /// Of the other side's records: those that agree in the key.
    pub(super) key: Millionths,
    /// Of the other side's records: those that satisfy the conditions.
    pub(super) conditions: Millionths,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Conditions are counted until the most is passed, and no farther: it has to part the same records.
        #[test]
        fn beyond_the_most_all_is_chance_and_up_to_it_nothing(
            share in 0_u32..=ONE, others in 0_u128..1 << 32, key in 0_u32..=ONE, near in -2_i64..=2,
        ) {
            let most = conditions_most(share.into(), others, key);
            let conditions = (i64::from(most.min(ONE)) + near).clamp(0, ONE.into());
            let conditions = Millionths::try_from(conditions).unwrap();
            let is_chance = expected(share.into(), others, Frequent { key, conditions }) > CHANCE_MAX;
            prop_assert_eq!(is_chance, conditions > most);
        }
    }
}
