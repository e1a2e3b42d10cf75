use super::*;
use proptest::prelude::*;

fn words(pairs: &[(i128, i128)]) -> Vec<String> {
    find(pairs).iter().map(|formula| formula.words(2)).collect()
}

fn fee(gross: i128, percent: i128, fixed: i128) -> i128 {
    (gross.abs() * percent + 50_000) / 100_000 + fixed
}

/// Grosses that a generator would call arbitrary, from a number.
fn gross(at: u64) -> i128 {
    let mixed = (at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    1_000 + i128::from((mixed ^ (mixed >> 29)) % 200_000)
}

/// A number without a pattern.
fn mixed(number: u128) -> u128 {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}

#[test]
fn a_percentage_and_a_fixed_amount_are_found_as_they_were_set() {
    let pairs: Vec<_> =
        [10_000, 25_000, 100_000].map(|gross| (gross, gross - fee(gross, 2_900, 30))).to_vec();
    assert_eq!(words(&pairs), ["2.9 % + 0.30"]);
    let mirrored: Vec<_> = pairs.iter().map(|(left, right)| (*right, *left)).collect();
    let found = find(&mirrored);
    assert!(matches!(found[0].kind, Kind::Fee(Fee { gross: Side::Right, added: false, .. })), "{found:?}");
}

#[test]
fn two_acquirers_are_told_apart() {
    let mut pairs: Vec<_> = (0..40).map(|at| (gross(at), gross(at) - fee(gross(at), 2_900, 30))).collect();
    pairs.extend((40..60).map(|at| (gross(at), gross(at) - fee(gross(at), 1_400, 25))));
    pairs.extend((60..70).map(|at| (gross(at), gross(at) - 1_500)));
    assert_eq!(words(&pairs), ["2.9 % + 0.30", "1.4 % + 0.25", "15.00"]);
}

#[test]
fn a_fee_that_is_cut_keeps_its_percentage() {
    let pairs: Vec<_> =
        (0..30).map(|at| (gross(at), gross(at) - (gross(at) * 2_900 / 100_000 + 30))).collect();
    let found = find(&pairs);
    assert_eq!(found[0].words(2), "2.9 % + 0.30");
    assert_eq!(found[0].support, 30);
}

#[test]
fn a_rate_and_a_factor_are_found() {
    let rate: Vec<_> = (0..10).map(|at| (gross(at), (gross(at) * 12_543 + 5_000) / 10_000)).collect();
    assert_eq!(words(&rate), ["rate 1.2543"]);
    let factor: Vec<_> = (0..10).map(|at| (gross(at), gross(at) * 100)).collect();
    assert_eq!(words(&factor), ["factor 100"]);
    let back: Vec<_> = (0..10).map(|at| ((gross(at) * 12_543 + 5_000) / 10_000, gross(at))).collect();
    assert_eq!(words(&back), ["rate 1.2543"]);
    let reversed: Vec<_> = (0..10).map(|at| (gross(at), -gross(at) * 3)).collect();
    assert_eq!(words(&reversed), ["rate -3"]);
}

#[test]
fn too_few_or_equal_grosses_say_nothing() {
    assert!(find(&[]).is_empty());
    assert!(find(&[(100, 95), (200, 195)]).is_empty());
    assert!(find(&[(10_000, 9_680); 50]).is_empty());
    assert!(find(&[(10_000, 10_001), (20_000, 20_001), (500, 501), (70, 71)]).is_empty());
    assert!(find(&[(5, -5), (700, -700), (90, -90), (1_200, -1_200)]).is_empty());
}

#[test]
fn the_largest_amounts_do_not_overflow() {
    let large = 10_i128.pow(37) - 1;
    let all = [large, -large, 1, -1, i128::MAX, i128::MIN, 0];
    let pairs: Vec<_> = all.iter().flat_map(|left| all.map(|right| (*left, right))).collect();
    let found = find(&pairs);
    let fee = Kind::Fee(Fee {
        added: false,
        gross: Side::Left,
        percent: 1_000,
        fixed: 7,
        rounding: Rounding::Down,
    });
    for (left, right) in &pairs {
        assert!(found.iter().all(|formula| !formula.explains(*left, *left)));
        assert!(!fee.explains(*left, *right));
    }
    let gross = 10_i128.pow(36);
    assert!(fee.explains(gross, gross - gross / 100 - 7));
    assert!(!fee.explains(gross, gross - gross / 100 - 6));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_fee_among_noise_is_found_and_nothing_else(
        percent in prop_oneof![Just(0_i128), (1_i128..100).prop_map(|tenths| tenths * 100), (1_i128..1_000).prop_map(|cents| cents * 10)],
        fixed in prop_oneof![Just(0_i128), Just(30), Just(25), (2_i128..60).prop_map(|amount| amount * 5)],
        grosses in prop::collection::btree_set(1_000_i128..300_000, 25..60),
        noise in prop::collection::vec((1_000_i128..300_000, 1_000_i128..300_000), 0..12),
        (negative, mirrored, added) in any::<(bool, bool, bool)>(),
    ) {
        prop_assume!(percent + fixed > 0);
        let sign = if negative { -1 } else { 1 };
        let shift = if added { 1 } else { -1 };
        let turn = |(left, right): (i128, i128)| if mirrored { (right, left) } else { (left, right) };
        let mut pairs: Vec<_> = grosses
            .iter()
            .map(|gross| turn((sign * gross, sign * gross + shift * fee(*gross, percent, fixed))))
            .filter(|(left, right)| (*left < 0) == (*right < 0) && *left != 0 && *right != 0)
            .collect();
        let right_ones = pairs.len() as u64;
        prop_assume!(right_ones >= 25);
        pairs.extend(noise);
        let found = find(&pairs);
        prop_assert!(!found.is_empty());
        let Kind::Fee(first) = found[0].kind else { return Err(TestCaseError::fail(format!("{found:?}"))) };
        prop_assert!(found[0].support >= right_ones, "{found:?}");
        prop_assert_eq!(i128::from(first.percent), percent, "{:?}", found);
        prop_assert_eq!(first.fixed, fixed, "{:?}", found);
        prop_assert_eq!(found.len(), 1, "{:?}", found);
    }

    #[test]
    fn noise_alone_says_nothing(
        pairs in prop::collection::vec((1_000_i128..300_000, 1_000_i128..300_000), 0..120),
    ) {
        prop_assert_eq!(find(&pairs), []);
    }

    #[test]
    fn near_noise_alone_says_nothing(
        pairs in prop::collection::vec((10_000_i128..300_000, 2_i128..900), 0..100),
    ) {
        let pairs: Vec<_> = pairs.into_iter().map(|(gross, off)| (gross, gross - off)).collect();
        prop_assert_eq!(find(&pairs), []);
    }

    #[test]
    fn the_order_makes_no_difference_and_sides_mirror(
        percent in 1_i128..100, fixed in 0_i128..100, count in 4_u64..30,
        noise in prop::collection::vec((1_000_i128..300_000, 1_000_i128..300_000), 0..12),
        seed in any::<u64>(),
    ) {
        let mut pairs: Vec<_> =
            (0..count).map(|at| (gross(at), gross(at) - fee(gross(at), percent * 50, fixed))).collect();
        pairs.extend(noise);
        let found = find(&pairs);
        let mut shuffled = pairs.clone();
        shuffled.sort_by_key(|(left, right)| mixed(left.unsigned_abs() ^ right.unsigned_abs() ^ u128::from(seed)));
        prop_assert_eq!(&found, &find(&shuffled));
        let turned: Vec<_> = pairs.iter().map(|(left, right)| (*right, *left)).collect();
        let other: Vec<_> = find(&turned).iter().map(|formula| (formula.words(2), formula.support)).collect();
        let this: Vec<_> = found.iter().map(|formula| (formula.words(2), formula.support)).collect();
        prop_assert_eq!(this, other);
    }
}

#[test]
#[ignore = "a measurement: cargo test --release -p recon378-core formula_speed -- --ignored --nocapture"]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn formula_speed() {
    for count in [10, 100, 1_000, 1_000_000] {
        let pairs: Vec<_> = (0..count).map(|at| (gross(at), gross(at * 7 + 3))).collect();
        let from = std::time::Instant::now();
        let found = find(&pairs);
        println!("{count} pairs of noise: {:?}, {found:?}", from.elapsed());
        let pairs: Vec<_> = (0..count).map(|at| (gross(at), gross(at) - fee(gross(at), 2_900, 30))).collect();
        let from = std::time::Instant::now();
        let found = find(&pairs);
        println!("{count} pairs with a fee: {:?}, {}", from.elapsed(), found.len());
    }
}
