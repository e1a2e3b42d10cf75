use crate::spec::conditions::{days, equal, levels, similar, within};
use crate::spec::{Levels, Measure, Pass, Score, Spec, Test};

/// A pass that scores by probability, with a condition and lines of its own.
fn probable(condition: &str, lines: &str) -> String {
    let good = "{ field = 'b', levels = [{ equals = true, bits = 5 }], otherwise = -1 }";
    format!("[[pass]]\non = ['key', {good}, {condition}]\nscore = 'probability'\n{lines}")
}

fn mistakes(text: &str) -> Vec<(&'static str, String)> {
    let error = text.parse::<Spec>().unwrap_err();
    error.mistakes().iter().map(|one| (one.code, one.path.clone())).collect()
}

#[test]
fn levels_of_a_text_and_of_the_builder_are_the_same() {
    let text = r#"
        [[pass]]
        score = "probability"
        prior = "1e-3"
        on = [
            "postcode",
            { field = "name", levels = [
                { equals = true, bits = 9.1, frequency = true },
                { similar = "jaro_winkler", at_least = 0.92, bits = "5.30" },
            ], otherwise = -4.5 },
            { field = "date", levels = [{ days = [0, 3], bits = 3 }], otherwise = -3, null = -0.5 },
            { left = "fee", right = "cost", levels = [{ within = "1%", of = "left", bits = 2 }], required = true },
        ]
    "#;
    let written: Spec = text.parse().unwrap();
    let name = [equal(()).bits("9.1").by_frequency(), similar((), Measure::JaroWinkler, "0.92").bits("5.3")];
    let pass = Pass::on([equal("postcode"), levels("name", name).otherwise("-4.5")])
        .and(levels("date", [days((), 0, 3).bits(3)]).otherwise(-3).null_bits("-0.5"))
        .and(levels(("fee", "cost"), [within((), "1%").of(crate::plan::Side::Left).bits(2)]).required());
    let built = Spec::builder().pass(pass.probability("0.001")).build().unwrap();
    assert_eq!(built, written);
    let pass = &written.passes[0];
    assert_eq!((pass.score, pass.prior), (Score::Probability, Some("0.001".parse().unwrap())));
    let required: Vec<bool> = pass.on.iter().map(|one| one.required).collect();
    assert_eq!(required, [true, false, false, true], "levels weigh, all else gates");
    let Test::Levels(Levels { otherwise, null, .. }) = &pass.on[2].test else { panic!("levels") };
    assert_eq!((*otherwise, *null), (Some("-3".parse().unwrap()), "-0.5".parse().unwrap()));
    let mirrored = written.mirrored().to_toml();
    assert!(mirrored.contains("days = [-3, 0]") && mirrored.contains("of = \"right\""), "{mirrored}");
    assert_eq!(written.to_toml().parse::<Spec>().unwrap(), written);
}

#[test]
fn every_wrong_level_has_its_code() {
    let one = |levels: &str| format!("{{ field = 'a', levels = [{levels}], otherwise = 0 }}");
    for (condition, code, path) in [
        (one(""), "bad_value", ".levels"),
        (one("'a'"), "wrong_type", ".levels[0]"),
        (one("{ bits = 1 }"), "missing", ".levels[0]"),
        (one("{ equals = true }"), "missing", ".levels[0].bits"),
        (one("{ equals = true, days = 1, bits = 1 }"), "conflict", ".levels[0].days"),
        (one("{ equals = true, bits = 100.001 }"), "bad_value", ".levels[0].bits"),
        (one("{ equals = true, bits = 0.0001 }"), "bad_value", ".levels[0].bits"),
        (one("{ equals = true, bits = true }"), "wrong_type", ".levels[0].bits"),
        (one("{ days = 1, bits = 1, frequency = true }"), "conflict", ".levels[0].frequency"),
        (one("{ days = 1, at_least = 1, bits = 1 }"), "conflict", ".levels[0].at_least"),
        (one("{ days = 1, bits = 1 }, { days = 1, bits = 2 }"), "duplicate_name", ".levels[1]"),
        (one("{ equals = true, bits = 1, weight = 1 }"), "unknown_key", ".levels[0].weight"),
        ("{ field = 'a', levels = [{ equals = true, bits = 1 }] }".into(), "missing", ".otherwise"),
        (
            "{ field = 'a', levels = [{ equals = true, bits = 1 }], otherwise = 1, required = true }".into(),
            "conflict",
            ".otherwise",
        ),
        ("{ field = 'a', days = 1, otherwise = 1 }".into(), "conflict", ".otherwise"),
        (
            "{ field = 'a', levels = [{ equals = true, bits = 1 }], otherwise = 1, weight = 1 }".into(),
            "conflict",
            "",
        ),
        ("{ field = 'a', days = 1, required = false }".into(), "conflict", ""),
        ("{ field = 'a', days = 1, weight = 2 }".into(), "conflict", ""),
    ] {
        let found = mistakes(&probable(&condition, "prior = 0.01"));
        assert_eq!(found, [(code, format!("pass[0].on[2]{path}"))], "{condition}");
    }
    let many = vec!["{ equals = true, bits = 1 }"; 17].join(", ");
    assert_eq!(mistakes(&probable(&one(&many), "prior = 0.01"))[0].0, "too_many");
}

#[test]
fn levels_need_a_probability_and_a_probability_needs_a_prior_and_levels() {
    let weighed = "{ field = 'a', levels = [{ equals = true, bits = 1 }], otherwise = 0 }";
    for (text, code, path) in [
        (format!("[[pass]]\non = ['key', {weighed}]"), "conflict", "pass[0].on[1]"),
        ("[[pass]]\non = 'key'\nprior = 0.1".to_owned(), "conflict", "pass[0].prior"),
        (probable(weighed, ""), "missing", "pass[0].prior"),
        (probable(weighed, "prior = 0"), "bad_value", "pass[0].prior"),
        (probable(weighed, "prior = 1"), "bad_value", "pass[0].prior"),
        (probable(weighed, "prior = '1e-13'"), "bad_value", "pass[0].prior"),
        ("[[pass]]\non = 'key'\nscore = 'probability'\nprior = 0.1".to_owned(), "conflict", "pass[0].score"),
        (probable(weighed, "prior = 0.1\ncardinality = 'same_side'"), "conflict", "pass[0].score"),
        (format!("defaults.on = [{weighed}]\n[[pass]]\non = 'key'"), "missing", "pass[0].score"),
        (
            format!(
                "defaults.on = [{{ field = 'x', days = 1, weight = 2 }}]\n{}",
                probable(weighed, "prior = 0.1")
            ),
            "conflict",
            "pass[0].score",
        ),
    ] {
        assert_eq!(mistakes(&text), [(code, path.to_owned())], "{text}");
    }
    let in_defaults =
        format!("defaults.on = ['key', {weighed}]\n[[pass]]\nscore = 'probability'\nprior = 0.1");
    assert!(in_defaults.parse::<Spec>().is_ok());
}

#[test]
fn levels_are_no_way_to_compare_inside_groups() {
    let text = "compare = [{ field = 'a', levels = [] }]\n[[pass]]\non = 'key'";
    assert_eq!(mistakes(text)[0].0, "unknown_key");
}
