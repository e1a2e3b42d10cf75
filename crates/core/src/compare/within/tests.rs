use super::*;
use proptest::prelude::*;

fn plan(absolute: Option<&str>, percent: Option<&str>) -> WithinPlan {
    WithinPlan {
        path: "pass[0].on[0].within".into(),
        absolute: absolute.map(|text| text.parse().unwrap()),
        percent: percent.map(|text| text.parse().unwrap()),
        larger: false,
        of: None,
        sign: Sign::Same,
        payment: None,
    }
}

fn allow(plan: &WithinPlan) -> Allowance {
    Allowance::new(plan, 2).unwrap()
}

/// Exactly what is due on the left, or up to 5.00 less, or up to 1 % more, on the right.
fn payable(sign: Sign) -> Allowance {
    let limit =
        |absolute, percent| Some(WithinPlan { of: Some(Side::Left), sign, ..plan(absolute, percent) });
    let payment = PaymentPlan {
        paid: Side::Right,
        short_pay: limit(Some("5"), None),
        discount: limit(None, Some("2")),
        overpay: limit(None, Some("1")),
        in_parts: false,
    };
    allow(&WithinPlan { payment: Some(Box::new(payment)), sign, ..plan(Some("0.02"), None) })
}

#[test]
fn less_or_more_may_be_paid_up_to_its_own_limit() {
    let payable = payable(Sign::Same);
    assert_eq!(payable.grade(10_000, 9_500), Grade::Holds(500_000), "5.00 less");
    assert_eq!(payable.grade(10_000, 9_499), Grade::Fails, "5.01 less");
    assert_eq!(payable.grade(10_000, 10_100), Grade::Holds(500_000), "1 % more than is due");
    assert_eq!(payable.grade(10_000, 10_101), Grade::Fails, "more than 1 %");
    assert_eq!(payable.grade(10_000, 10_001), Grade::Holds(995_000), "the wider of both allowances");
    assert_eq!(payable.grade(100, 102), Grade::Holds(500_000), "within, where the limit is narrower");
    assert_eq!(payable.grade(-10_000, -9_500), Grade::Holds(500_000), "a credit of which less was paid");
    assert_eq!(payable.grade(10_000, -9_900), Grade::Fails, "signs differ");
}

#[test]
fn a_payment_is_short_or_over_only_beyond_the_tolerance() {
    let same = payable(Sign::Same);
    let kinds = |paid: &[i128]| paid.iter().map(|paid| same.payment(10_000, *paid)).collect::<Vec<_>>();
    let (short, over) = (Some(Payment::Short), Some(Payment::Over));
    assert_eq!(kinds(&[9_499, 9_500, 9_799]), [None, short, short]);
    assert_eq!(kinds(&[9_800, 9_997, 9_998]), [Some(Payment::Discount), Some(Payment::Discount), None]);
    assert_eq!(kinds(&[10_000, 10_002, 10_003, 10_101]), [None, None, over, None]);
    assert_eq!(payable(Sign::Opposite).payment(10_000, -9_500), short);
    assert_eq!(payable(Sign::Ignore).payment(-10_000, 9_500), short);
}

#[test]
fn the_examples_of_the_spec_hold() {
    let five_cents = allow(&plan(Some("0.05"), None));
    assert_eq!(five_cents.grade(10_000, 10_000), Grade::Holds(ONE));
    assert_eq!(five_cents.grade(10_000, 10_002), Grade::Holds(800_000));
    assert_eq!(five_cents.grade(10_000, 9_995), Grade::Holds(500_000));
    assert_eq!(five_cents.grade(10_000, 10_006), Grade::Fails);
    assert_eq!(five_cents.grade(2, -2), Grade::Fails, "signs differ");
    assert_eq!(five_cents.grade(0, -2), Grade::Holds(800_000), "zero has both signs");

    let half_percent = allow(&plan(None, Some("0.5")));
    assert_eq!(half_percent.grade(20_000, 19_900), Grade::Holds(500_000), "of the larger");
    assert_eq!(half_percent.grade(20_000, 19_899), Grade::Fails);
    let of_right = allow(&WithinPlan { of: Some(Side::Right), ..plan(None, Some("0.5")) });
    assert_eq!(of_right.grade(20_000, 19_900), Grade::Fails, "0.5 % of 199.00 is 0.995");
    assert_eq!(of_right.grade(19_900, 20_000), Grade::Holds(500_000));

    let both = plan(Some("0.05"), Some("0.5"));
    assert_eq!(allow(&both).grade(100, 101), Grade::Fails, "0.5 % of 1.01 is the smaller");
    assert_eq!(allow(&both).grade(20_000, 20_006), Grade::Fails, "0.05 is the smaller");
    let larger = WithinPlan { larger: true, ..both };
    assert_eq!(allow(&larger).grade(100, 101), Grade::Holds(900_000));
    assert_eq!(allow(&larger).grade(20_000, 20_100), Grade::Holds(502_488), "100 of 100.5");

    let exact = allow(&plan(Some("0"), None));
    assert_eq!(exact.grade(7, 7), Grade::Holds(ONE));
    assert_eq!(exact.grade(7, 8), Grade::Fails);
}

#[test]
fn a_tolerance_finer_than_the_amounts_is_a_mistake_with_its_path() {
    let error = Allowance::new(&plan(Some("0.005"), None), 2).unwrap_err();
    assert_eq!(error.code(), "tolerance_too_fine");
    assert_eq!(error.mistakes()[0].path, "pass[0].on[0].within");
    assert!(Allowance::new(&plan(Some("0.0500"), None), 2).is_ok(), "trailing zeros are no digits");
    assert!(Allowance::new(&plan(None, Some("0.0001")), 2).is_ok(), "a percentage has no scale");
    assert_eq!(Allowance::new(&plan(Some("-1"), None), 2).unwrap_err().code(), "bad_value");
}

/// The definition, in 256 bits throughout.
fn reference(plan: &WithinPlan, left: i128, right: i128) -> Grade {
    let wide = i256::from_i128;
    let sign = |value: i128| value.signum();
    let zero = i256::ZERO;
    let distance = match plan.sign {
        Sign::Same if sign(left) * sign(right) < 0 => return Grade::Fails,
        Sign::Opposite if sign(left) * sign(right) > 0 => return Grade::Fails,
        Sign::Same => wide(right).wrapping_sub(wide(left)).wrapping_abs(),
        Sign::Opposite => wide(right).wrapping_add(wide(left)).wrapping_abs(),
        Sign::Ignore => wide(right).wrapping_abs().wrapping_sub(wide(left).wrapping_abs()).wrapping_abs(),
    };
    let (left, right) = (wide(left).wrapping_abs(), wide(right).wrapping_abs());
    let base = match plan.of {
        Some(Side::Left) => left,
        Some(Side::Right) => right,
        None => left.max(right),
    };
    // Both allowances over one denominator: 100 × 10^18 for percentages of at most 18 digits.
    let per = wide(10_i128.pow(20));
    let absolute = plan.absolute.map(|number| wide(number.units(2).unwrap()).wrapping_mul(per));
    let percent = plan.percent.map(|number| base.wrapping_mul(wide(number.units(18).unwrap())));
    let allowed = match (absolute, percent) {
        (Some(a), Some(b)) if plan.larger => a.max(b),
        (Some(a), Some(b)) => a.min(b),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => zero,
    };
    let used = distance.wrapping_mul(per);
    if used > allowed {
        return Grade::Fails;
    }
    if allowed == zero {
        return Grade::Holds(ONE);
    }
    // floor(x + 1/2) with x = 10^6 (2 allowed − used) / (2 allowed).
    let whole = allowed.wrapping_add(allowed);
    let million = wide(i128::from(ONE));
    let part = whole.wrapping_sub(used).wrapping_mul(million);
    let (quotient, rest) = (part.wrapping_div(whole), part.wrapping_rem(whole));
    let up = rest.wrapping_add(rest) >= whole;
    Grade::Holds(u32::try_from(quotient.to_i128().unwrap()).unwrap() + u32::from(up))
}

fn amount() -> impl Strategy<Value = i128> {
    prop_oneof![
        4 => -2_000_i128..2_000,
        2 => any::<i64>().prop_map(i128::from),
        2 => any::<i128>(),
        1 => prop::sample::select(vec![0, i128::MIN, i128::MAX, i128::MIN + 1]),
    ]
}

fn pair() -> impl Strategy<Value = (i128, i128)> {
    prop_oneof![
        (amount(), amount()),
        (amount(), -60_i128..60).prop_map(|(left, step)| (left, left.saturating_add(step))),
        (amount(), -60_i128..60).prop_map(|(left, step)| (left, left.saturating_neg().saturating_add(step))),
    ]
}

fn any_plan() -> impl Strategy<Value = WithinPlan> {
    let number = |max: i64, scale: u32| {
        (0..max).prop_map(move |units| Number::from(rust_decimal::Decimal::new(units, scale)))
    };
    let parts = prop_oneof![
        number(60, 2).prop_map(|absolute| (Some(absolute), None)),
        number(300, 2).prop_map(|percent| (None, Some(percent))),
        (number(60, 2), number(i64::MAX, 18)).prop_map(|(absolute, percent)| (Some(absolute), Some(percent))),
        number(i64::MAX, 2).prop_map(|absolute| (Some(absolute), None)),
    ];
    let of = prop::sample::select(vec![None, Some(Side::Left), Some(Side::Right)]);
    let sign = prop::sample::select(vec![Sign::Same, Sign::Opposite, Sign::Ignore]);
    (parts, any::<bool>(), of, sign).prop_map(|((absolute, percent), larger, of, sign)| WithinPlan {
        path: String::new(),
        absolute,
        percent,
        larger,
        of,
        sign,
        payment: None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn grades_are_those_of_the_definition((left, right) in pair(), plan in any_plan()) {
        prop_assert_eq!(allow(&plan).grade(left, right), reference(&plan, left, right));
    }

    #[test]
    fn all_widths_agree(distance in 0_u128..100_000, base in 0_u128..10_000_000, plan in any_plan()) {
        let allowance = allow(&plan);
        if let Some(narrow) = allowance.grade_narrow(distance, base) {
            prop_assert_eq!(narrow, allowance.grade_wide(distance, base));
        }
    }
}
