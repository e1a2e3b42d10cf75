use super::*;
use crate::columns::AmountValues;
use arrow_array::{
    BooleanArray, Decimal32Array, Decimal64Array, Decimal128Array, Decimal256Array, DictionaryArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, LargeStringArray, NullArray,
    StringViewArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array, types,
};
use arrow_buffer::i256;

fn amount() -> Plan {
    plan(vec![field("amount", FieldKind::Amount)])
}

fn scaled(scale: u8) -> Plan {
    let mut plan = amount();
    plan.fields[0].scale = [Some(scale), None];
    plan
}

fn with_cell(change: impl FnOnce(&mut CellSpec)) -> Plan {
    let mut plan = amount();
    change(plan.fields[0].cells[0].as_mut().unwrap());
    plan
}

#[test]
fn every_text_layout_reads_alike() {
    let texts = vec![Some("1.50"), None, Some(" -2 "), Some(""), Some("x")];
    let expected = ["1.50", "-", "-2.00", "-", "!"];
    let dictionary: DictionaryArray<types::Int8Type> = texts.iter().copied().collect();
    let wide_dictionary: DictionaryArray<types::UInt64Type> = texts.iter().copied().collect();
    let arrays: [ArrayRef; 5] = [
        Arc::new(StringArray::from(texts.clone())),
        Arc::new(LargeStringArray::from(texts.clone())),
        Arc::new(StringViewArray::from(texts)),
        Arc::new(dictionary),
        Arc::new(wide_dictionary),
    ];
    for array in arrays {
        assert_eq!(cells(&amount(), array), expected);
    }
}

#[test]
fn every_number_type_keeps_its_own_scale() {
    let whole: [ArrayRef; 8] = [
        Arc::new(Int8Array::from(vec![Some(-7), None])),
        Arc::new(Int16Array::from(vec![Some(-7), None])),
        Arc::new(Int32Array::from(vec![Some(-7), None])),
        Arc::new(Int64Array::from(vec![Some(-7), None])),
        Arc::new(Decimal32Array::from(vec![Some(-7), None]).with_precision_and_scale(9, 0).unwrap()),
        Arc::new(Decimal64Array::from(vec![Some(-7), None]).with_precision_and_scale(18, 0).unwrap()),
        Arc::new(Decimal128Array::from(vec![Some(-7), None]).with_precision_and_scale(38, 0).unwrap()),
        Arc::new(
            Decimal256Array::from(vec![Some(i256::from_i128(-7)), None])
                .with_precision_and_scale(76, 0)
                .unwrap(),
        ),
    ];
    for array in whole {
        assert_eq!(cells(&amount(), array), ["-7", "-"]);
    }
    let unsigned: [ArrayRef; 4] = [
        Arc::new(UInt8Array::from(vec![7])),
        Arc::new(UInt16Array::from(vec![7])),
        Arc::new(UInt32Array::from(vec![7])),
        Arc::new(UInt64Array::from(vec![7])),
    ];
    for array in unsigned {
        assert_eq!(cells(&amount(), array), ["7"]);
    }
    let cents: [ArrayRef; 4] = [
        Arc::new(Decimal32Array::from(vec![1205]).with_precision_and_scale(9, 2).unwrap()),
        Arc::new(Decimal64Array::from(vec![1205]).with_precision_and_scale(18, 2).unwrap()),
        Arc::new(Decimal128Array::from(vec![1205]).with_precision_and_scale(38, 2).unwrap()),
        Arc::new(Decimal256Array::from(vec![i256::from_i128(1205)]).with_precision_and_scale(76, 2).unwrap()),
    ];
    for array in cents {
        assert_eq!(cells(&amount(), array), ["12.05"]);
    }
    let thousands = Decimal128Array::from(vec![5]).with_precision_and_scale(38, -3).unwrap();
    assert_eq!(cells(&amount(), Arc::new(thousands)), ["5000"]);
    assert_eq!(cells(&amount(), Arc::new(NullArray::new(2))), ["-", "-"]);
}

#[test]
fn columns_at_the_runs_scale_are_shared() {
    let array = Arc::new(Int64Array::from(vec![Some(5), None]));
    let side = read(&amount(), &[batch(vec![("amount", array.clone())])]).unwrap();
    let Column::Amount(column) = &side.fields[0] else { panic!("no amounts") };
    let AmountValues::Narrow(values) = &column.values else { panic!("wide") };
    assert!(values.inner().ptr_eq(array.values().inner()));
    assert!(side.memory.is_empty());
}

#[test]
fn narrow_where_all_fit_and_wide_where_one_does_not() {
    let is_narrow = |array: ArrayRef| {
        let side = read(&amount(), &[batch(vec![("amount", array)])]).unwrap();
        let Column::Amount(column) = &side.fields[0] else { panic!("no amounts") };
        matches!(column.values, AmountValues::Narrow(_))
    };
    assert!(is_narrow(utf8(&["-9223372036854775808", "9223372036854775807"])));
    assert!(!is_narrow(utf8(&["1", "9223372036854775808"])));
    assert!(is_narrow(Arc::new(UInt64Array::from(vec![i64::MAX.unsigned_abs()]))));
    assert!(!is_narrow(Arc::new(UInt64Array::from(vec![u64::MAX]))));
    assert_eq!(cells(&amount(), Arc::new(UInt64Array::from(vec![u64::MAX]))), ["18446744073709551615"]);
    // What lies under a null decides nothing.
    let values = vec![i128::MAX, 5].into();
    let nulls = Some(vec![false, true].into());
    assert!(is_narrow(Arc::new(Decimal128Array::new(values, nulls))));
}

#[test]
fn amounts_have_at_most_37_digits() {
    let most = "9".repeat(37);
    let least = format!("-{most}");
    let beyond = format!("1{}", "0".repeat(37));
    let edges = [most.as_str(), &least, &beyond, &i128::MAX.to_string(), &i128::MIN.to_string()];
    assert_eq!(cells(&amount(), utf8(&edges)), [most.as_str(), &least, "!", "!", "!"]);
    assert_eq!(cells(&amount(), utf8(&["1".repeat(200).as_str()])), ["!"]);
    // At a larger scale they no longer fit.
    assert_eq!(cells(&amount(), utf8(&[&most, "0.1"])), ["!", "0.1"]);
    assert_eq!(cells(&with_cell(|cell| cell.negate = true), utf8(&edges)), [&least, &most, "!", "!", "!"]);
    let values = vec![10_i128.pow(37) - 1, 1 - 10_i128.pow(37), 10_i128.pow(37), i128::MAX, i128::MIN];
    let decimals = Decimal128Array::from(values).with_precision_and_scale(38, 0).unwrap();
    assert_eq!(cells(&amount(), Arc::new(decimals)), [most.as_str(), &least, "!", "!", "!"]);
    let large =
        Decimal256Array::from(vec![i256::MAX, i256::from_i128(1)]).with_precision_and_scale(76, 0).unwrap();
    assert_eq!(cells(&amount(), Arc::new(large)), ["!", "1"]);
    assert_eq!(
        cells(&scaled(18), Arc::new(Float64Array::from(vec![1e18, 1e19, 1e300]))),
        [format!("1{}.{}", "0".repeat(18), "0".repeat(18)).as_str(), "!", "!"]
    );
    assert_eq!(
        cells(&scaled(18), Arc::new(Int64Array::from(vec![i64::MIN]))),
        [format!("{}.{}", i64::MIN, "0".repeat(18))]
    );
}

#[test]
fn an_explicit_scale_keeps_what_is_exact_and_rounds_nothing() {
    assert_eq!(
        cells(&scaled(2), utf8(&["1", "1.5", "1.50", "1.500", "1.505"])),
        ["1.00", "1.50", "1.50", "1.50", "!"]
    );
    let decimals =
        Decimal128Array::from(vec![1_500_000, 1_505_000, -1_000]).with_precision_and_scale(38, 6).unwrap();
    assert_eq!(cells(&scaled(2), Arc::new(decimals)), ["1.50", "!", "!"]);
    let deep =
        Decimal256Array::from(vec![i256::from_string(&format!("15{}", "0".repeat(29))).unwrap(), i256::ONE]);
    let deep: ArrayRef = Arc::new(deep.with_precision_and_scale(76, 30).unwrap());
    assert_eq!(refused(&amount(), deep.clone()), "scale_too_large");
    assert_eq!(cells(&scaled(2), deep), ["1.50", "!"]);
}

#[test]
fn more_than_eighteen_places_are_unreadable_unless_zero() {
    let cells = cells(
        &amount(),
        utf8(&["0.0000000000000000001", "0.1000000000000000000000000000000000000000000", "1"]),
    );
    assert_eq!(cells, ["!", "0.100000000000000000", "1.000000000000000000"]);
}

#[test]
fn minor_units_shift_the_point() {
    let cents = with_cell(|cell| cell.minor = Some(2));
    assert_eq!(cells(&cents, Arc::new(Int32Array::from(vec![1205, -5]))), ["12.05", "-0.05"]);
    assert_eq!(cells(&cents, utf8(&["1205", "7"])), ["12.05", "0.07"]);
    let turned = with_cell(|cell| (cell.minor, cell.negate) = (Some(2), true));
    assert_eq!(cells(&turned, Arc::new(Int64Array::from(vec![1205]))), ["-12.05"]);
}

#[test]
fn marks_are_those_of_the_source() {
    let mut german = amount();
    german.sources[0].read.decimal = Some(',');
    german.sources[0].read.thousands = Some('.');
    let given = ["1.234.567,89", "12,5", "-1.000", "1.00", "1,000.5", "1.2345,0", ".123,0", "+7", ",5", "5,"];
    let expected = ["1234567.89", "12.50", "-1000.00", "!", "!", "!", "!", "7.00", "0.50", "5.00"];
    assert_eq!(cells(&german, utf8(&given)), expected);

    let mut swedish = amount();
    swedish.sources[0].read.decimal = Some(',');
    swedish.sources[0].read.thousands = Some(' ');
    assert_eq!(cells(&swedish, utf8(&["1 234,5", "1\u{a0}234,5", "1\u{202f}234,5"])), ["1234.5"; 3]);

    let mut indian = amount();
    indian.sources[0].read.thousands = Some(',');
    assert_eq!(cells(&indian, utf8(&["12,34,567.5", "1,5", "1,50,00"])), ["1234567.5", "!", "!"]);
}

#[test]
fn nothing_else_is_an_amount() {
    let given = [
        "$5", "5 EUR", "1e3", "--5", "+-5", "- 5", ".", "+", "1.2.3", "1,000", "٥", "NaN", "0x1", "-5-",
        "+5-", "(-5)", "-(5)", "(5", "5)", "()", "((5))", "5 -", "-", "(5)-",
    ];
    assert!(cells(&amount(), utf8(&given)).iter().all(|cell| cell == "!"));
}

#[test]
fn a_sign_stands_before_or_behind_or_is_a_pair_of_parentheses() {
    let given = ["(5)", "( 5.25 )", "5-", "5.-", "(.5)", "(0)", "1.25-"];
    assert_eq!(
        cells(&amount(), utf8(&given)),
        ["-5.00", "-5.25", "-5.00", "-5.00", "-0.50", "0.00", "-1.25"]
    );
}

#[test]
fn a_currency_sign_is_one_where_the_source_names_it() {
    let mut dollars = amount();
    dollars.sources[0].read.currency_sign = Some("$".to_owned());
    dollars.sources[0].read.thousands = Some(',');
    let given =
        ["$5", "-$1,234.50", "$-5", "($5)", "$(5)", "5 $", "5$-", "5", "€5", "$$5", "$", "$5$", "($5)$"];
    let expected =
        ["5.00", "-1234.50", "-5.00", "-5.00", "-5.00", "5.00", "-5.00", "5.00", "!", "!", "!", "!", "!"];
    assert_eq!(cells(&dollars, utf8(&given)), expected);

    let mut francs = amount();
    francs.sources[0].read.currency_sign = Some("CHF".to_owned());
    let given = ["CHF 5.00", "5.00 CHF", "CHF5.00-", "- CHF 5", "EUR 5.00", "chf 5"];
    assert_eq!(cells(&francs, utf8(&given)), ["5.00", "5.00", "-5.00", "!", "!", "!"]);
}

#[test]
fn doubles_need_a_scale_and_the_refusal_says_which_fits() {
    let array: ArrayRef =
        Arc::new(Float64Array::from(vec![Some(1.5), Some(0.25), None, Some(0.1 + 0.2), Some(7.0)]));
    let batches = [batch(vec![("amount", array)])];
    let error = Facts::gather(&amount(), Side::Left, &batches).unwrap_err();
    let Error::Data(error) = error else { panic!("{error}") };
    assert_eq!(error.code, "double_needs_scale");
    let many: Vec<f64> = (0..1_204).map(|cents| f64::from(cents) / 100.0).collect();
    let many = [batch(vec![("amount", Arc::new(Float64Array::from(many)) as ArrayRef)])];
    let error = Facts::gather(&amount(), Side::Left, &many).unwrap_err();
    assert!(error.to_string().contains("scale = 2 changes 0 of 1,204 values"), "{error}");
}

#[test]
fn doubles_become_their_shortest_decimal_rounded_half_away() {
    let values =
        vec![1.5, 0.1 + 0.2, 2.675, -2.675, 0.125, -0.0, 1e15 + 0.5, f64::NAN, f64::INFINITY, 1e40, 5e-324];
    let expected =
        ["1.50", "0.30", "2.68", "-2.68", "0.13", "0.00", "1000000000000000.50", "!", "!", "!", "0.00"];
    let batches = [batch(vec![("amount", Arc::new(Float64Array::from(values)) as ArrayRef)])];
    let side = read(&scaled(2), &batches).unwrap();
    assert_eq!(written(&side, 0, 2), expected);
    assert_eq!(side.doubles, [8]);
    assert_eq!(
        cells(&scaled(2), Arc::new(Float32Array::from(vec![0.1, 16_777_216.0]))),
        ["0.10", "16777216.00"]
    );
}

#[test]
fn what_holds_no_amounts_is_refused() {
    assert_eq!(refused(&amount(), Arc::new(BooleanArray::from(vec![true]))), "wrong_type");
    assert_eq!(refused(&amount(), Arc::new(arrow_array::Date32Array::from(vec![1]))), "wrong_type");
    let extracting = with_cell(|cell| cell.extract = Some("x".to_owned()));
    assert_eq!(refused(&extracting, Arc::new(Int32Array::from(vec![1]))), "wrong_type");
}

#[test]
fn an_amount_can_be_extracted() {
    let plan = with_cell(|cell| cell.extract = Some(r"total (-?[\d.]+)".to_owned()));
    assert_eq!(cells(&plan, utf8(&["total 12.5 EUR", "nothing", "total -7"])), ["12.5", "-", "-7.0"]);
}

fn debit_credit(negate: bool) -> Plan {
    with_cell(|cell| {
        cell.negate = negate;
        cell.from = CellSource::DebitCredit { debit: "dr".to_owned(), credit: "cr".to_owned() };
    })
}

#[test]
fn debit_and_credit_beyond_37_digits_are_unreadable() {
    let most = "9".repeat(37);
    let columns = vec![("dr", utf8(&["0", &"9".repeat(38)])), ("cr", utf8(&[&most, ""]))];
    let side = read(&debit_credit(false), &[batch(columns)]).unwrap();
    assert_eq!(written(&side, 0, 0), [most.as_str(), "!"]);
}

#[test]
fn debit_and_credit_are_one_amount() {
    let debit = utf8(&["5.00", "", "0", "", "3", "x", "0"]);
    let credit = utf8(&["", "7.5", "2", "", "4", "1", "0.00"]);
    let batches = [batch(vec![("dr", debit), ("cr", credit)])];
    let side = read(&debit_credit(false), &batches).unwrap();
    assert_eq!(written(&side, 0, 2), ["-5.00", "7.50", "2.00", "-", "!", "!", "0.00"]);
    assert_eq!(side.issues[0].value, "dr = \"3\", cr = \"4\"");
    assert_eq!(side.unreadable.as_ref().unwrap().count_set_bits(), 2);
    let turned = read(&debit_credit(true), &batches).unwrap();
    assert_eq!(written(&turned, 0, 2), ["5.00", "-7.50", "-2.00", "-", "!", "!", "0.00"]);
}

#[test]
fn an_indicator_gives_the_sign() {
    let plan = with_cell(|cell| {
        cell.from = CellSource::Indicator {
            column: "amt".to_owned(),
            indicator: "dc".to_owned(),
            debit: vec!["D".to_owned(), "DBIT".to_owned()],
            credit: vec!["C".to_owned()],
        };
    });
    let amounts = utf8(&["5", "5", "5", "-5", "", "5", "x", "0"]);
    let indicators = utf8(&["D", " C ", "d", "C", "?", "", "D", "DBIT"]);
    let side = read(&plan, &[batch(vec![("amt", amounts), ("dc", indicators)])]).unwrap();
    assert_eq!(written(&side, 0, 0), ["-5", "5", "!", "!", "-", "!", "!", "0"]);
}
