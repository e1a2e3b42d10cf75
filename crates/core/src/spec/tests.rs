use super::arbitrary;
use super::*;
use crate::limits::Limits;
use proptest::prelude::*;

/// A spec with every key there is, as design and documentation show them.
const FULL: &str = r#"
version = 1
as_of = 2026-01-31
strict = true
carry = ["payee"]

[left]
name  = "bank"
path  = "bank.csv"
read  = { delimiter = ";", decimal = ",", thousands = ".", dates = "%d.%m.%Y", encoding = "windows-1252", quote = "'", header = true, skip = 2 }
where = [
  { field = "state", in = ["booked", 7] },
  { field = "amount", between = [1, "99.5"] },
  { field = "memo", matches = "^INV" },
  { field = "void", is_null = true },
  { field = "ok", equals = true },
]
zone = "Europe/Berlin"
cut_off = "17:00"
[right]
name = "ledger"
path = ["a.parquet", "b.parquet"]

[fields]
id        = ["txn_id", "entry_id"]
account   = ["acct", "account"]
currency  = "currency"
amount    = { left = { debit = "dr", credit = "cr" }, right = "amt", scale = 2 }
date      = ["booked", "posted_at"]
reference = { left = { column = "narrative", extract = 'INV-?(\d+)' }, right = "doc_no" }
payee     = { left = "counterparty", right = "name", clean = ["upper", "unaccent", "collapse"] }
narrative = { left = "narrative" }
fee       = { left = { column = "f", indicator = "dc", debit = "D", credit = ["C", "K"], negate = true, minor = 2 }, right = "f", as = "amount" }

[defaults]
on = ["account", "currency"]

[[pass]]
on = ["reference", "amount"]

[[pass]]
name = "amount and date"
on = [
  { field = "amount", within = ["0.05", "0.5%"], of = "left", sign = "opposite", weight = 2.5 },
  { field = "date", business_days = [0, 5], calendar = "TARGET" },
  { field = "payee", similar = "token_set", at_least = 0.8, required = false },
  { left = "narrative", right = "reference", occurs = "right in left", required = false, min_length = 6 },
  { field = "memo", equals = true, nulls = "equal" },
]
ambiguous = "leave"
status = "proposed"
propose_below = "0.75"
floor = 0.25
margin = 0.01

[[pass]]
cardinality = "same_side"
on = [{ field = "date", days = 3 }, { field = "reference", slip = ["swapped", "factor"] }]
sum = { field = "amount", within = { larger = ["0.10", "1%"] } }

[calendars.TARGET]
weekend  = ["sat", "sun"]
holidays = ["2026-01-01", 2026-04-03]

[tie_out]
amount = "amount"
by = ["currency"]

[limits]
rivals_max = 10
regret_nodes_max = 0
"#;

/// Code, path and place of a mistake.
type Seen = (&'static str, String, Option<(u32, u32)>);

fn mistakes(text: &str) -> Vec<Seen> {
    let error = text.parse::<Spec>().expect_err("the text has mistakes");
    error.mistakes().iter().map(|mistake| (mistake.code, mistake.path.clone(), mistake.position)).collect()
}

fn only_mistake(text: &str) -> (&'static str, String) {
    match mistakes(text).as_slice() {
        [(code, path, _)] => (code, path.clone()),
        all => panic!("one mistake expected in {text}: {all:?}"),
    }
}

/// A TOML spec that is valid but for `line`, which stands in its only pass.
fn in_pass(line: &str) -> String {
    format!("[calendars.T]\n[[pass]]\non = [\"reference\"]\n{line}")
}

/// A TOML spec that is valid but for a condition.
fn with_condition(condition: &str) -> String {
    format!("[calendars.T]\n[[pass]]\non = [\"reference\", {condition}]")
}

#[test]
fn full_spec_decodes_to_the_model() {
    let spec: Spec = FULL.parse().expect("valid");
    assert_eq!(spec.left.cut_off, Some(61_200));
    assert_eq!(spec.left.filter[0].test, FilterTest::In(vec!["booked".into(), "7".into()]));
    assert_eq!(spec.as_of, Some(20_484));
    assert_eq!(spec.calendars["TARGET"].holidays, [20_454, 20_546]);
    assert_eq!(spec.defaults, [Condition::equality("account"), Condition::equality("currency")]);
    assert_eq!(spec.passes[2].cardinality, Cardinality::SameSide);
    let net = spec.passes[2].sum.clone().expect("a sum").within;
    assert!(net.larger);
    assert_eq!((net.absolute, net.percent), ("0.1".parse().ok(), "1".parse().ok()));
    assert_eq!(spec.passes[2].on[0].test, Test::Days(DayRange { from: -3, to: 3 }));
    assert_eq!(spec.passes[1].on[0].weight, "2.5".parse().ok());
    let narrative = &spec.fields["narrative"];
    assert!(narrative.left.is_some() && narrative.right.is_none());
    assert_eq!(
        spec.fields["fee"].left.as_ref().map(|cell| &cell.from),
        Some(&CellSource::Indicator {
            column: "f".into(),
            indicator: "dc".into(),
            debit: vec!["D".into()],
            credit: vec!["C".into(), "K".into()],
        })
    );
    assert_eq!(spec.pass_names(), ["reference + amount", "amount and date", "date + reference"]);
}

#[test]
fn full_spec_reads_the_same_from_its_json_and_toml() {
    let spec: Spec = FULL.parse().expect("valid");
    assert_eq!(Spec::from_json(&spec.to_json()).expect("json"), spec);
    assert_eq!(Spec::from_toml(&spec.to_toml()).expect("toml"), spec);
    insta::assert_snapshot!(spec.to_toml());
    insta::assert_snapshot!(spec.to_json());
}

#[test]
fn all_mistakes_are_reported_at_once_in_the_order_of_the_text() {
    let text = "\
strict = 1
[felds]
amount = 'x'
[[pass]]
on = [
  { field = 'amount', within = '-0.05' },
  { field = 'date', business_days = 3, calendar = 'TARGT' },
  { field = 'payee', similar = 'token_sett', at_least = 2 },
]
cardinality = '1:m'
[calendars.TARGET]
holidays = ['2026-02-30']
";
    let error = text.parse::<Spec>().expect_err("mistakes");
    insta::assert_snapshot!(error);
    assert_eq!(error.kind(), crate::ErrorKind::InvalidSpec);
}

#[test]
fn json_mistakes_have_line_and_column() {
    let text = "{\n  \"pass\": [\n    { \"on\": [\"é\", { \"field\": \"a\", \"withn\": 1 }] }\n  ]\n}";
    let found = mistakes(text);
    assert_eq!(found[0], ("missing", "pass[0].on[1]".into(), Some((3, 19))));
    assert_eq!(found[1], ("unknown_key", "pass[0].on[1].withn".into(), Some((3, 35))));
}

#[test]
fn places_count_characters_wherever_they_are() {
    let pad = "é".repeat(1_000);
    let text =
        format!("{{\"left\": {{\"name\": \"{pad}\"}},\n \"pass\": [{{\"on\": \"{pad}\", \"x\": 1}}]}}");
    assert_eq!(mistakes(&text), [("unknown_key", "pass[0].x".into(), Some((2, 1_022)))]);
    let one_line = text.replace('\n', "");
    assert_eq!(mistakes(&one_line), [("unknown_key", "pass[0].x".into(), Some((1, 2_044)))]);
}

#[test]
fn text_that_is_no_spec_is_a_syntax_mistake() {
    for text in ["{", "{} x", "{\"a\": \"\\ud800\"}", "a = ", "[[", "{\"pass\":[1e]}", "\u{0}"] {
        let found = mistakes(text);
        assert_eq!(found[0].0, "syntax", "{text}");
        assert_eq!(found.len(), 1, "{text}");
    }
    assert_eq!(only_mistake("[]").0, "syntax");
    assert_eq!(Spec::from_json("[]").expect_err("no table").code(), "wrong_type");
    assert_eq!(Spec::from_json("7").expect_err("no table").code(), "wrong_type");
    assert_eq!(Spec::from_json("").expect_err("nothing").code(), "syntax");
    assert_eq!(Spec::from_toml("").expect_err("nothing").code(), "missing");
}

#[test]
fn hostile_nesting_is_refused_without_a_stack() {
    let deep = 200_000;
    for text in [
        format!("{{\"pass\":{}1{}}}", "[".repeat(deep), "]".repeat(deep)),
        format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep)),
        "[".repeat(deep),
        format!("a = {}1{}", "[".repeat(deep), "]".repeat(deep)),
        format!("a = {}1{}", "{a=".repeat(deep), "}".repeat(deep)),
        format!("a{} = 1", ".a".repeat(deep)),
        format!("a{} = 1", ". a".repeat(deep)),
        format!("[a{}]", ".a".repeat(deep)),
        format!("[a{}", ".\"a\"".repeat(deep)),
    ] {
        let json = Spec::from_json(&text).expect_err("too deep");
        let toml = Spec::from_toml(&text).expect_err("too deep");
        assert_eq!((json.code(), toml.code()), ("syntax", "syntax"), "{text:.20}");
    }
    let long = " ".repeat(TEXT_BYTES_MAX + 1);
    assert_eq!(Spec::from_json(&long).expect_err("too long").code(), "too_many");
}

#[test]
fn null_counts_as_absent() {
    let spec =
        Spec::from_json("{\"left\": null, \"pass\": [{\"on\": \"a, b\", \"floor\": null}]}").expect("valid");
    assert_eq!(spec, Spec::short(&["a", "b"]).expect("valid"));
}

#[test]
fn repeated_json_key_is_refused() {
    let found = only_mistake("{\"strict\": true, \"strict\": false, \"pass\": [{\"on\": \"a\"}]}");
    assert_eq!(found, ("duplicate_key", "strict".into()));
}

#[test]
fn every_wrong_condition_has_its_code() {
    for (condition, code, path) in [
        ("1", "wrong_type", ""),
        ("''", "bad_value", ""),
        ("{ field = 'a' }", "missing", ""),
        ("{ equals = true }", "missing", ".field"),
        ("{ left = 'a', equals = true }", "missing", ".right"),
        ("{ field = 'a', left = 'b', equals = true }", "conflict", ".field"),
        ("{ field = 'a', equals = 'x' }", "bad_value", ".equals"),
        ("{ field = 'a', equals = true, days = 1 }", "conflict", ".days"),
        ("{ field = 'a', equals = true, required = false }", "conflict", ".required"),
        ("{ field = 'a', days = 1, required = false, weight = 0 }", "conflict", ".required"),
        ("{ field = 'a', days = 1, nulls = 'equal' }", "conflict", ".nulls"),
        ("{ field = 'a', days = -1 }", "bad_value", ".days"),
        ("{ field = 'a', days = 1.5 }", "bad_value", ".days"),
        ("{ field = 'a', days = [2, 1] }", "bad_value", ".days"),
        ("{ field = 'a', days = [1] }", "bad_value", ".days"),
        ("{ field = 'a', days = [0, 100001] }", "bad_value", ".days[1]"),
        ("{ field = 'a', business_days = 1 }", "missing", ".calendar"),
        ("{ field = 'a', business_days = 1, calendar = 'U' }", "unknown_calendar", ".calendar"),
        ("{ field = 'a', within = [] }", "bad_value", ".within"),
        ("{ field = 'a', within = ['1', '2'] }", "bad_value", ".within"),
        ("{ field = 'a', within = ['1%', '2%'] }", "bad_value", ".within"),
        ("{ field = 'a', within = '1,5' }", "bad_value", ".within"),
        ("{ field = 'a', within = inf }", "bad_value", ".within"),
        ("{ field = 'a', within = nan }", "bad_value", ".within"),
        ("{ field = 'a', within = '101%' }", "bad_value", ".within"),
        ("{ field = 'a', within = { larger = '1' } }", "wrong_type", ".within.larger"),
        ("{ field = 'a', within = { smaller = '1' } }", "unknown_key", ".within.smaller"),
        ("{ field = 'a', within = 1, of = 'left' }", "conflict", ".of"),
        ("{ field = 'a', within = '1%', of = 'both' }", "bad_value", ".of"),
        ("{ field = 'a', similar = 'ratio' }", "missing", ".at_least"),
        ("{ field = 'a', similar = 'ratio', at_least = 0.1234567 }", "bad_value", ".at_least"),
        ("{ field = 'a', occurs = 'in' }", "bad_value", ".occurs"),
        ("{ field = 'a', occurs = 'either', min_length = 0 }", "bad_value", ".min_length"),
        ("{ field = 'a', slip = [] }", "bad_value", ".slip"),
        ("{ field = 'a', slip = ['factor', 'factor'] }", "duplicate_name", ".slip[1]"),
        ("{ field = 'a', days = 1, weight = -1 }", "bad_value", ".weight"),
        ("{ field = 'a', within = 1, convert = true }", "not_yet", ".convert"),
    ] {
        let found = only_mistake(&with_condition(condition));
        let path = format!("pass[0].on[1]{path}");
        assert_eq!(found, (code, path), "{condition}");
    }
}

#[test]
fn every_wrong_pass_has_its_code() {
    for (line, code, path) in [
        ("cardinality = '1:n'\nmax_members = 12", "not_yet", "max_members"),
        ("cardinality = 'n:m'", "missing", "group_by"),
        ("cardinality = '1:n'\nsum = {}", "missing", "group_by"),
        ("cardinality = '1:n'\ngroup_by = []", "bad_value", "group_by"),
        ("cardinality = '1:n'\ngroup_by = { left = 'a', right = 'b' }", "conflict", "group_by.left"),
        ("group_by = 'a'", "conflict", "group_by"),
        ("cardinality = '1:n'\nconditions = 'after'", "conflict", "conditions"),
        ("sum = { fee = 'much' }", "bad_value", "sum.fee"),
        ("sum = { fee = { per = 'group' } }", "missing", "sum.fee.percent"),
        ("sum = { fee = { percent = 101 } }", "bad_value", "sum.fee.percent"),
        ("sum = { fee = { tiers = [{ percent = 1 }, { percent = 2 }] } }", "bad_value", "sum.fee.tiers[1]"),
        ("sum = { convert = {} }", "missing", "sum.convert.rate"),
        ("sum = { convert = { rate = 'r', divide = true, per = 'group' } }", "conflict", "sum.convert.per"),
        ("cardinality = 'cluster'", "conflict", "cardinality"),
        ("cardinality = '1-1'", "bad_value", "cardinality"),
        ("max_members = 3", "not_yet", "max_members"),
        ("score = 'odds'", "bad_value", "score"),
        ("floor = 1.1", "bad_value", "floor"),
        ("margin = true", "wrong_type", "margin"),
        ("status = 'done'", "bad_value", "status"),
        ("ambigous = 'match'", "unknown_key", "ambigous"),
        ("sum = { within = 1 }", "conflict", "sum"),
        ("cardinality = 'same_side'\nsum = { field = 'fee', within = 1 }", "bad_value", "sum.field"),
        ("cardinality = 'same_side'\nsum = { within = 1, fee = '1%' }", "conflict", "sum.fee"),
        ("name = ' '", "bad_value", "name"),
    ] {
        let found = only_mistake(&in_pass(line));
        assert_eq!(found, (code, format!("pass[0].{path}")), "{line}");
    }
    assert_eq!(only_mistake("pass = []"), ("bad_value", "pass".into()));
    assert_eq!(only_mistake("[[pass]]\nname = 'a'"), ("missing", "pass[0].on".into()));
    let optional = "[[pass]]\non = [{ field = 'a', days = 1, required = false }]";
    assert_eq!(only_mistake(optional), ("missing", "pass[0].on".into()));
    let twice = "[[pass]]\nname = 'a'\non = 'x'\n[[pass]]\nname = 'a'\non = 'y'";
    assert_eq!(only_mistake(twice), ("duplicate_name", "pass[1].name".into()));
    let directed = "defaults.on = [{ field = 'date', days = [0, 1] }]\n[[pass]]\ncardinality = 'same_side'";
    assert_eq!(only_mistake(directed), ("conflict", "defaults.on[0]".into()));
}

#[test]
fn a_field_without_sides_is_the_column_of_its_name_on_both() {
    let on = "[[pass]]\non = 'amount'\n[fields]\n";
    let short: Spec = format!("{on}amount = {{ scale = 2 }}").parse().expect("valid");
    let long: Spec =
        format!("{on}amount = {{ left = 'amount', right = 'amount', scale = 2 }}").parse().expect("valid");
    assert_eq!(short, long);
    let one: Spec = format!("{on}amount = {{ left = 'amount' }}").parse().expect("valid");
    assert_eq!(one.fields["amount"].right, None);
}

#[test]
fn every_wrong_field_has_its_code() {
    for (field, code, path) in [
        ("x = 1", "wrong_type", "x"),
        ("x = ''", "bad_value", "x"),
        ("x = ['a']", "bad_value", "x"),
        ("x = ['a', 'b', 'c']", "bad_value", "x"),
        ("x = { left = '' }", "bad_value", "x.left"),
        ("x = { column = 'a', left = 'b' }", "unknown_key", "x.column"),
        ("x = { left = 'a', as = 'money' }", "bad_value", "x.as"),
        ("x = { left = 'a', scale = 19 }", "bad_value", "x.scale"),
        ("x = { left = 'a', clean = ['uper'] }", "bad_value", "x.clean[0]"),
        ("x = { left = 'a', as = 'text', scale = 2 }", "conflict", "x.scale"),
        ("date = { left = { column = 'a', negate = true } }", "conflict", "date.left.negate"),
        ("amount = { left = 'a', clean = ['upper'] }", "conflict", "amount.clean"),
        ("x = { left = { column = 'a', extract = '(' } }", "bad_value", "x.left.extract"),
        ("x = { left = { column = 'a', extract = '(\\w{1000}){1000}' } }", "bad_value", "x.left.extract"),
        ("x = { left = { column = 'a', all = true } }", "missing", "x.left.extract"),
        ("x = { left = { column = 'a', lookup = 'b' } }", "wrong_type", "x.left.lookup"),
        (
            "x = { left = { column = 'a', lookup = { table = 'b', key = 'c' } } }",
            "missing",
            "x.left.lookup.column",
        ),
        ("x = { left = 'a', lookup = 'b' }", "unknown_key", "x.lookup"),
        ("x = { left = { column = 'a', dates = '%H:%M' } }", "bad_value", "x.left.dates"),
        ("x = { left = { column = 'a', dates = '%Q' } }", "bad_value", "x.left.dates"),
        ("x = { left = { debit = 'a' } }", "missing", "x.left.credit"),
        ("x = { left = { debit = 'a', credit = 'b', column = 'c' } }", "conflict", "x.left.column"),
        ("x = { left = { debit = 'a', credit = 'b', extract = 'c' } }", "conflict", "x.left.extract"),
        ("x = { left = { column = 'a', indicator = 'b', debit = 'D' } }", "missing", "x.left.credit"),
        (
            "x = { left = { column = 'a', indicator = 'b', debit = 'D', credit = 'D' } }",
            "conflict",
            "x.left.credit",
        ),
        ("\"a b\" = 1", "wrong_type", "\"a b\""),
    ] {
        let found = only_mistake(&format!("fields.{field}\n[[pass]]\non = 'a'"));
        assert_eq!(found, (code, format!("fields.{path}")), "{field}");
    }
}

#[test]
fn every_wrong_source_and_rest_has_its_code() {
    for (line, code, path) in [
        ("version = 2", "bad_value", "version"),
        ("as_of = '2026-13-01'", "bad_value", "as_of"),
        ("as_of = '2026-1-1'", "bad_value", "as_of"),
        ("left = 'bank'", "wrong_type", "left"),
        ("left.zone = 'Europe/Berln'", "bad_value", "left.zone"),
        ("left.cut_off = '24:00'", "bad_value", "left.cut_off"),
        ("left.read.delimiter = ';;'", "bad_value", "left.read.delimiter"),
        ("left.read.decimal = '5'", "bad_value", "left.read.decimal"),
        ("left.read = { decimal = ',', thousands = ',' }", "conflict", "left.read.thousands"),
        ("left.read = { currency_sign = '5 kr' }", "bad_value", "left.read.currency_sign"),
        ("left.read = { currency_sign = '' }", "bad_value", "left.read.currency_sign"),
        ("left.read = { currency_sign = 'Rs.' }", "conflict", "left.read.currency_sign"),
        ("left.read = { sheet = 'March', range = 'B3' }", "bad_value", "left.read.range"),
        ("left.read.skip = -1", "bad_value", "left.read.skip"),
        ("left.where = [{ field = 'a' }]", "missing", "left.where[0]"),
        ("left.where = [{ equals = 1 }]", "missing", "left.where[0].field"),
        ("left.where = [{ field = 'a', in = [] }]", "bad_value", "left.where[0].in"),
        ("left.where = [{ field = 'a', between = [1] }]", "bad_value", "left.where[0].between"),
        ("left.where = [{ field = 'a', matches = '[' }]", "bad_value", "left.where[0].matches"),
        ("left.where = [{ field = 'a', in = [1], equals = 1 }]", "conflict", "left.where[0].in"),
        ("tie_out = {}", "missing", "tie_out.by"),
        ("tie_out = { by = ['a', 'a'] }", "duplicate_name", "tie_out.by[1]"),
        ("calendars.T.weekend = ['saturday']", "bad_value", "calendars.T.weekend[0]"),
        (
            "calendars.T.weekend = ['mon','tue','wed','thu','fri','sat','sun']",
            "bad_value",
            "calendars.T.weekend",
        ),
        ("limits.rivals_max = 0", "bad_value", "limits.rivals_max"),
        ("compare = [3]", "wrong_type", "compare[0]"),
        ("compare = [{ days = 3 }]", "missing", "compare[0].field"),
        ("compare = [{ field = \"a\", weight = 1 }]", "unknown_key", "compare[0].weight"),
        ("compare = [{ field = \"a\", days = 3, within = \"1\" }]", "conflict", "compare[0].days"),
        ("compare = [{ field = \"a\", at_least = 0.5 }]", "conflict", "compare[0].at_least"),
    ] {
        let found = only_mistake(&format!("{line}\n[[pass]]\non = 'a'"));
        assert_eq!(found, (code, path.to_owned()), "{line}");
    }
}

#[test]
fn numbers_keep_the_text_that_was_written() {
    let tolerance = |within: &str| {
        let text = format!("{{\"pass\":[{{\"on\":[{{\"field\":\"amount\",\"within\":{within}}}]}}]}}");
        let spec = Spec::from_json(&text).expect("valid");
        match &spec.passes[0].on[0].test {
            Test::Within(tolerance, _) => tolerance.absolute,
            other => panic!("{other:?}"),
        }
    };
    let exact = "0.123456789012345678".parse().ok();
    assert_eq!(tolerance("0.123456789012345678"), exact);
    assert_eq!(tolerance("\"0.123456789012345678\""), exact);
    assert_eq!(tolerance("5e-2"), "0.05".parse().ok());
}

#[test]
fn builder_makes_the_same_mistakes_as_a_text() {
    use super::conditions::{similar, within};
    let text = "[[pass]]\non = ['a', { field = 'b', within = 'x' }, { field = 'c', similar = 'osa', at_least = '2' }]";
    let written = text.parse::<Spec>().expect_err("mistakes");
    let pass = Pass::on(["a".into(), within("b", "x"), similar("c", Measure::Osa, "2")]);
    let built = Spec::builder().pass(pass).build().expect_err("mistakes");
    let without_places: Vec<_> = written.mistakes().iter().cloned().map(|mistake| mistake.at(None)).collect();
    assert_eq!(built.mistakes(), without_places);
}

#[test]
fn builder_says_everything_a_text_says() {
    use super::conditions::{business_days, days, equal, occurs, similar, slip, within};
    use crate::plan::Side;
    let bank = Source::named("bank")
        .path("bank.csv")
        .delimiter(';')
        .number_marks(',', Some('.'))
        .dates("%d.%m.%Y")
        .encoding("windows-1252")
        .keep_in("state", &["booked"])
        .zone("Europe/Berlin")
        .cut_off("17:00");
    let built = Spec::builder()
        .left(bank)
        .right(
            Source::named("ledger")
                .keep_null("void", true)
                .keep_between("n", "1", "2")
                .keep_matching("m", "x"),
        )
        .field("account", ["acct", "account"])
        .field(
            "amount",
            Field::new(Cell::debit_credit("dr", "cr"), Cell::column("amt").negate().minor(2)).scale(2),
        )
        .field("fee", Field::new(Cell::indicator("f", "dc", &["D"], &["C"]), "f").kind(FieldKind::Amount))
        .field("reference", Field::new(Cell::column("n").extract("(\\d+)").clean(&[Clean::Upper]), "doc"))
        .field("narrative", Field::left_only("narrative"))
        .defaults(["account"])
        .pass(Pass::on(["reference", "amount"]).named("exact"))
        .pass(
            Pass::on([
                within("amount", ["0.05", "0.5%"]).larger().of(Side::Left).opposite_signs(),
                business_days("date", 0, 5, "TARGET"),
                similar("payee", Measure::TokenSet, "0.8").optional().weight(2),
                occurs(("narrative", "reference"), Direction::RightInLeft).min_length(6),
                slip("reference", &[Slip::Swapped]),
                equal("memo").nulls_equal(),
            ])
            .and(days("value_date", -1, 1))
            .propose_below("0.75")
            .floor("0.25")
            .margin("0.01")
            .leave_ambiguous(),
        )
        .pass(Pass::on(["reference"]).same_side().net_within("0.10").propose().match_ambiguous())
        .calendar("TARGET", &["2026-01-01"])
        .tie_out("amount", &["account"])
        .carry(&["payee"])
        .as_of("2026-01-31")
        .limits(&Limits { rivals_max: 8, ..Limits::default() })
        .strict()
        .build()
        .expect("valid");
    insta::assert_snapshot!(built.to_toml());
    built.check().expect("a built spec is valid");
}

#[test]
fn short_start_is_one_pass_on_all_names() {
    let spec = Spec::short(&["account,currency", " reference ", "amount"]).expect("valid");
    let names = ["account", "currency", "reference", "amount"];
    assert_eq!(spec.passes.len(), 1);
    assert_eq!(spec.passes[0].on, names.map(Condition::equality));
    assert_eq!(Spec::short(&["a", "b,a"]).expect_err("twice").code(), "duplicate_name");
    assert_eq!(Spec::short(&["a,"]).expect_err("blank").code(), "bad_value");
    assert_eq!(Spec::short(&[]).expect_err("none").code(), "missing");
}

#[test]
fn pass_names_are_all_different() {
    let text = "[[pass]]\non = 'a'\n[[pass]]\nname = 'a'\non = 'b'\n[[pass]]\non = 'a'\n[[pass]]\n\
        on = [{ left = 'a', right = 'b', equals = true }]";
    let spec: Spec = text.parse().expect("valid");
    assert_eq!(spec.pass_names(), ["a (2)", "a", "a (3)", "a/b"]);
}

#[test]
fn too_much_is_refused_in_no_time() {
    let pass = "[[pass]]\non = 'a'\n";
    let many = |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<String>();
    let fields =
        many(20_000, |at| format!("f{at} = {{ left = {{ column = 'a', extract = '\\w{{9}}' }} }}\n"));
    assert_eq!(only_mistake(&format!("{pass}[fields]\n{fields}")), ("too_many", "fields".into()));
    let names = many(200_000, |at| format!("'{at}',"));
    assert_eq!(only_mistake(&format!("carry = [{names}]\n{pass}")), ("too_many", "carry".into()));
    let filters = many(20_000, |_| "{ field = 'a', matches = '\\w{9}' },".to_owned());
    assert_eq!(only_mistake(&format!("left.where = [{filters}]\n{pass}")), ("too_many", "left.where".into()));
    let passes = pass.repeat(1_001);
    assert_eq!(only_mistake(&passes), ("too_many", "pass".into()));
    let names = many(65, |at| format!("'{at}',"));
    assert_eq!(only_mistake(&format!("[[pass]]\non = [{names}]")), ("too_many", "pass[0].on".into()));
    let calendars = many(100_000, |at| format!("{at} = {{}}\n"));
    let near = "{ field = 'a', business_days = 1, calendar = 'x' },".repeat(64);
    let lost = format!("[[pass]]\non = [{near}]\n").repeat(400);
    let found = mistakes(&format!("{lost}[calendars]\n{calendars}"));
    assert!(found.len() <= 1_000, "{}", found.len());
    let unknown = many(100_000, |at| format!("strikt{at} = 1\n"));
    assert_eq!(mistakes(&format!("{unknown}{pass}")).len(), 1_000);
    let alike: Spec = pass.repeat(1_000).parse().expect("valid");
    assert_eq!(alike.pass_names()[999], "a (1000)");
}

#[test]
fn check_refuses_what_no_text_could_say() {
    let valid = Spec::short(&["a"]).expect("valid");
    let mut wrong = valid.clone();
    wrong.passes[0].on[0].test =
        Test::Within(Tolerance { absolute: None, percent: None, larger: false, of: None }, Sign::Same);
    assert_eq!(wrong.check().expect_err("no part").code(), "bad_value");
    let mut wrong = valid.clone();
    wrong.fields.insert("x".into(), FieldSpec::default());
    assert_eq!(wrong.check().expect_err("no side").code(), "bad_value");
    let mut wrong = valid.clone();
    wrong.as_of = Some(i32::MAX);
    assert_eq!(wrong.check().expect_err("no day").code(), "bad_value");
    let mut wrong = valid.clone();
    wrong.calendars.insert("T".into(), CalendarSpec { weekend: vec![9], holidays: vec![] });
    assert_eq!(wrong.check().expect_err("no weekday").code(), "bad_value");
    let mut wrong = valid;
    wrong.passes[0].sum = Some(SumSpec::default());
    assert_eq!(wrong.check().expect_err("no sum").code(), "conflict");
}

#[test]
fn mirrored_turns_what_tells_left_from_right() {
    let text = "
        left.name = 'l'
        right.name = 'r'
        fields.x = ['a', 'b']
        [[pass]]
        on = [{ left = 'n', right = 'm', occurs = 'right in left' }, { field = 'd', days = [-1, 5] },
              { field = 'y', within = '1%', of = 'left' }]
        [[pass]]
        cardinality = 'same_side'
        on = [{ field = 'd', days = [0, 5] }]
    ";
    let turned = "
        left.name = 'r'
        right.name = 'l'
        fields.x = ['b', 'a']
        [[pass]]
        on = [{ left = 'm', right = 'n', occurs = 'left in right' }, { field = 'd', days = [-5, 1] },
              { field = 'y', within = '1%', of = 'right' }]
        [[pass]]
        cardinality = 'same_side'
        on = [{ field = 'd', days = [0, 5] }]
    ";
    let spec: Spec = text.parse().expect("valid");
    assert_eq!(spec.mirrored(), turned.parse().expect("valid"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_specs_read_back_from_their_texts(spec in arbitrary::spec()) {
        let json = spec.to_json();
        prop_assert_eq!(&Spec::from_json(&json).map_err(|error| TestCaseError::fail(format!("{error}\n{json}")))?, &spec);
        let toml = spec.to_toml();
        prop_assert_eq!(&Spec::from_toml(&toml).map_err(|error| TestCaseError::fail(format!("{error}\n{toml}")))?, &spec);
        prop_assert!(spec.check().is_ok());
    }

    #[test]
    fn mirroring_twice_gives_the_spec_back_and_stays_valid(spec in arbitrary::spec()) {
        let mirrored = spec.mirrored();
        prop_assert!(mirrored.check().is_ok());
        prop_assert_eq!(mirrored.mirrored(), spec);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[\\[\\]{}\",:=.a-e0-9 \n'-]{0,60}") {
        prop_assert_eq!(Spec::from_json(&text).is_ok(), false);
        prop_assert_eq!(Spec::from_toml(&text).is_ok(), false);
    }

    #[test]
    fn json_numbers_read_as_serde_reads_them(number in "-?(0|[1-9][0-9]{0,9})(\\.[0-9]{1,9})?([eE][-+]?[0-9])?") {
        let plain = report::plain_number(&number);
        prop_assert_eq!(plain, number.parse().ok());
    }
}
