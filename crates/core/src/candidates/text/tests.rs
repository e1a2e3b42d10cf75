use super::*;
use crate::compare::similarity;
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

/// Texts that are often alike: words from a few stems, with a slip now and then.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => prop::sample::select(vec!["acme", "gmbh", "globex", "müller", "søren", "int", "ag", "東京電力", "a"]),
        1 => Just("müllre"),
        1 => Just("acmee"),
        1 => Just("globx"),
    ];
    let words = prop::collection::vec(word.prop_map(str::to_owned), 1..6).prop_map(|words| words.join(" "));
    prop_oneof![3 => words, 1 => "[abcé]{1,12}", 1 => "[ab]{1,40}", 1 => "\\PC{1,8}", 1 => Just(" ".to_owned())]
}

fn check(measure: Measure, at_least: Millionths, lefts: &[String], rights: &[Option<&str>]) {
    let index = TextIndex::build(measure, at_least, rights);
    let mut scratch = TextScratch::default();
    let mut found = Vec::new();
    for left in lefts {
        index.candidates(left, &mut scratch, &mut found);
        assert!(found.is_sorted_by(|a, b| a < b), "ascending, no repeats: {found:?}");
        for (position, right) in (0_u32..).zip(rights) {
            let Some(right) = right else {
                assert!(!found.contains(&position), "a null is never a candidate");
                continue;
            };
            let likeness = similarity(measure, left, right);
            assert!(
                likeness < at_least || found.contains(&position),
                "{measure:?} at {at_least} lost {left:?} and {right:?}: {likeness}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_alike_pair_is_lost(
        lefts in prop::collection::vec(text(), 1..12),
        rights in prop::collection::vec(prop::option::weighted(0.95, text()), 0..40),
        at_least in prop_oneof![0_u32..=1_000_000, 600_000_u32..=1_000_000, Just(1_u32), Just(1_000_000)],
    ) {
        let rights: Vec<Option<&str>> = rights.iter().map(Option::as_deref).collect();
        for measure in MEASURES {
            check(measure, at_least, &lefts, &rights);
        }
    }

    #[test]
    fn no_pair_a_few_edits_apart_is_lost(
        base in "[a-f ]{6,60}", edits in prop::collection::vec((any::<u16>(), 0_u8..4, "[a-f]"), 0..8),
    ) {
        let mut edited: Vec<char> = base.chars().collect();
        for (at, kind, with) in edits {
            let at = usize::from(at) % edited.len().max(1);
            match kind {
                0 if !edited.is_empty() => { edited.remove(at); }
                1 if at + 1 < edited.len() => edited.swap(at, at + 1),
                2 if at < edited.len() => edited[at] = with.chars().next().unwrap_or('x'),
                _ => edited.insert(at, with.chars().next().unwrap_or('x')),
            }
        }
        let edited: String = edited.into_iter().collect();
        // Among others, so that rarity and the choice between look-up and scan matter.
        let noise: Vec<String> = (0..300).map(|n| format!("{:x} {:x}", n * 7919 % 1000, n)).collect();
        let mut rights: Vec<Option<&str>> = noise.iter().map(|text| Some(text.as_str())).collect();
        rights.push(Some(&edited));
        for measure in MEASURES {
            // The tightest threshold that the pair still reaches.
            let likeness = similarity(measure, &base, &edited);
            if likeness > 0 {
                check(measure, likeness, std::slice::from_ref(&base), &rights);
            }
        }
    }
}

#[test]
fn long_texts_and_repeated_characters_are_not_lost() {
    let long = "ab".repeat(3_000);
    let other = format!("{}c", "ab".repeat(2_999));
    let a300 = "a".repeat(300);
    let a290 = "a".repeat(290);
    for measure in MEASURES {
        for at_least in [1, 500_000, 950_000] {
            check(
                measure,
                at_least,
                &[long.clone(), a300.clone()],
                &[Some(&other), Some(&a290), Some(&a300)],
            );
        }
    }
}

#[test]
fn most_of_many_different_texts_are_left_alone() {
    // Names of two syllables words, as companies have; every left one has a right one with an edit.
    let syllables = ["ka", "to", "mi", "ren", "sol", "vex", "ba", "lum", "dor", "pin", "qua", "zet", "fro"];
    let word =
        |n: usize| format!("{}{}{}", syllables[n % 13], syllables[n / 13 % 13], syllables[n / 169 % 13]);
    let name = |n: usize| format!("{} {}", word(n * 37 % 2197), word(n * 101 % 2197));
    let rights: Vec<String> = (0..2_000).map(name).collect();
    let rights: Vec<Option<&str>> = rights.iter().map(|text| Some(text.as_str())).collect();
    for (measure, most) in [
        (Measure::Levenshtein, 20),
        (Measure::Osa, 20),
        (Measure::Ratio, 40),
        (Measure::JaroWinkler, 100),
        (Measure::TokenSort, 40),
        (Measure::TokenSet, 60),
        (Measure::TokenJaccard, 20),
        (Measure::Trigram, 20),
    ] {
        let index = TextIndex::build(measure, 850_000, &rights);
        let (mut scratch, mut out, mut total, mut steps) = (TextScratch::default(), Vec::new(), 0, 0);
        for n in 0..200 {
            let slipped = name(n * 7).replacen('o', "u", 1);
            steps += index.candidates(&slipped, &mut scratch, &mut out);
            total += out.len();
        }
        assert!(total <= 200 * most, "{measure:?}: {total} candidates for 200 texts");
        assert!(steps <= 200 * 2_100 * 2, "{measure:?}: {steps} steps");
    }
}
