//! Shares as millionths: to the nearest, halves up, in integers.

use crate::plan::{Millionths, ONE};

/// Up to here twice a million times a whole, plus the whole, fits 64 bits.
const NARROW_MAX: u64 = 1 << 42;

/// `part` of `whole` in millionths, to the nearest, halves up. 1 where `whole` is 0; `part` above `whole` counts as 1.
#[inline]
pub(super) fn share(part: u64, whole: u64) -> Millionths {
    if part >= whole {
        ONE
    } else if whole <= NARROW_MAX {
        millionths((part * 2 * u64::from(ONE) + whole) / (2 * whole))
    } else {
        share_wide(u128::from(part), u128::from(whole))
    }
}

/// [`share`] for wholes below 2^105.
#[inline]
pub(super) fn share_wide(part: u128, whole: u128) -> Millionths {
    if part >= whole {
        return ONE;
    }
    if let (Ok(part), Ok(whole)) = (u64::try_from(part), u64::try_from(whole))
        && whole <= NARROW_MAX
    {
        return share(part, whole);
    }
    let rounded = (part * 2 * u128::from(ONE) + whole) / (2 * whole);
    millionths(u64::try_from(rounded).unwrap_or(u64::from(ONE)))
}

#[inline]
fn millionths(value: u64) -> Millionths {
    Millionths::try_from(value).unwrap_or(ONE).min(ONE)
}

/// A likeness between 0 and 1 in millionths. What is no number counts as 0.
#[inline]
pub(super) fn likeness(value: f64) -> Millionths {
    let scaled = value.clamp(0.0, 1.0) * 1e6 + 0.5;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1,000,000.5; the fraction is what is cut"
    )]
    let rounded = scaled as Millionths;
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_to_the_nearest_with_halves_up() {
        assert_eq!(share(1, 3), 333_333);
        assert_eq!(share(2, 3), 666_667);
        assert_eq!(share(1, 2_000_000), 1);
        assert_eq!(share(0, 0), ONE);
        assert_eq!(share(u64::MAX / 3, u64::MAX), 333_333);
        assert_eq!(share_wide((1 << 100) / 3, 1 << 100), 333_333);
        assert_eq!(likeness(2.0 / 3.0), 666_667);
        assert_eq!(likeness(f64::NAN), 0);
    }
}
