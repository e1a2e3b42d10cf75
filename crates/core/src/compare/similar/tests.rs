use super::*;
use proptest::prelude::*;

const MEASURES: [Measure; 8] = [
    Measure::JaroWinkler,
    Measure::Levenshtein,
    Measure::Osa,
    Measure::Ratio,
    Measure::TokenSort,
    Measure::TokenSet,
    Measure::TokenJaccard,
    Measure::Trigram,
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[abc]{0,12}",
        "[ab é東]{1,20}",
        "[a-e ]{60,75}",
        "[a-e ]{120,140}",
        "\\PC{0,10}",
        Just("new york mets".to_owned()),
    ]
}

fn prepared(measure: Measure, left: &str, right: &str) -> Millionths {
    with_measure!(measure, M => M::against(&M::prepare(left), right))
}

#[test]
fn the_examples_of_the_spec_hold() {
    let cases = [
        (Measure::JaroWinkler, "MARTHA", "MARHTA", 961_111),
        (Measure::Levenshtein, "kitten", "sitting", 571_429),
        (Measure::Osa, "INV-1234", "INV-1324", 875_000),
        (Measure::Levenshtein, "INV-1234", "INV-1324", 750_000),
        (Measure::Ratio, "this is a test", "this is a test!", 965_517),
        (Measure::TokenSort, "Mueller Hans", "Hans Mueller", 1_000_000),
        (Measure::TokenSet, "ACME GmbH Berlin", "ACME GmbH", 1_000_000),
        (Measure::TokenJaccard, "ACME GmbH Berlin", "ACME GmbH", 666_667),
        (Measure::Trigram, "payment", "payments", 912_871),
    ];
    for (measure, left, right, expected) in cases {
        assert_eq!(similarity(measure, left, right), expected, "{measure:?} {left} {right}");
    }
}

#[test]
fn token_set_is_the_best_of_three_ratios() {
    // RapidFuzz: fuzz.token_set_ratio("fuzzy was a bear", "fuzzy fuzzy fuzzy bear") is 100.
    assert_eq!(similarity(Measure::TokenSet, "fuzzy was a bear", "fuzzy fuzzy fuzzy bear"), 1_000_000);
    // Common "acme" (4), rests " ab" and " xy" (3 each): 2 × 4 / (2 × 4 + 3) beats the whole's 10 / 14.
    assert_eq!(similarity(Measure::TokenSet, "acme ab", "acme xy"), 727_273);
    // Nothing in common: the ratio of the sorted words.
    assert_eq!(similarity(Measure::TokenSet, "abcd", "abce"), 750_000);
    assert_eq!(similarity(Measure::TokenJaccard, "a b", "c d"), 0);
}

#[test]
fn only_the_first_characters_of_a_cell_of_megabytes_count() {
    let long = "é".repeat(5_000_000);
    let other = format!("{}x", "é".repeat(SIMILAR_CHARS_MAX));
    for measure in MEASURES {
        assert_eq!(similarity(measure, &long, &other), ONE, "{measure:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn likeness_is_symmetric_and_one_for_equal_texts(left in text(), right in text()) {
        for measure in MEASURES {
            let likeness = similarity(measure, &left, &right);
            prop_assert!(likeness <= ONE);
            prop_assert_eq!(likeness, similarity(measure, &right, &left), "{:?}", measure);
            prop_assert_eq!(similarity(measure, &left, &left), ONE);
            if left != right {
                prop_assert_eq!(likeness, prepared(measure, &left, &right), "{:?} readied", measure);
                prop_assert_eq!(likeness, prepared(measure, &right, &left), "{:?} readied", measure);
            }
            if !left.trim().is_empty() {
                prop_assert_eq!(prepared(measure, &left, &left), ONE, "{:?} of {:?} itself", measure, left);
            }
        }
    }

    #[test]
    fn edits_are_counted_as_strsim_does(left in text(), right in text()) {
        let most = left.chars().count().max(right.chars().count()) as u64;
        let by_distance = |distance: usize| {
            crate::compare::rounding::share(most.saturating_sub(distance as u64), most)
        };
        let levenshtein = strsim::levenshtein(&left, &right);
        prop_assert_eq!(similarity(Measure::Levenshtein, &left, &right), by_distance(levenshtein));
        let osa = strsim::osa_distance(&left, &right);
        prop_assert_eq!(similarity(Measure::Osa, &left, &right), by_distance(osa));
        let jaro_winkler = crate::compare::rounding::likeness(strsim::jaro_winkler(&left, &right));
        prop_assert!(similarity(Measure::JaroWinkler, &left, &right).abs_diff(jaro_winkler) <= 1);
    }

    #[test]
    fn ratio_counts_the_longest_common_subsequence(left in "[abc é]{0,30}", right in "[abc é]{0,30}") {
        let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
        let mut longest = vec![vec![0_u64; b.len() + 1]; a.len() + 1];
        for i in 0..a.len() {
            for j in 0..b.len() {
                longest[i + 1][j + 1] = if a[i] == b[j] {
                    longest[i][j] + 1
                } else {
                    longest[i][j + 1].max(longest[i + 1][j])
                };
            }
        }
        let both = (a.len() + b.len()) as u64;
        let expected = crate::compare::rounding::share(2 * longest[a.len()][b.len()], both);
        prop_assert_eq!(similarity(Measure::Ratio, &left, &right), expected);
    }
}
