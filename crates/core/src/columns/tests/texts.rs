use super::*;
use crate::columns::TextColumn;
use crate::spec::Clean;
use arrow_array::{
    Array, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array,
    LargeStringArray, NullArray, StringViewArray, TimestampMillisecondArray, UInt8Array, types,
};

fn text() -> Plan {
    plan(vec![field("name", FieldKind::Text)])
}

fn cleaned(steps: &[Clean]) -> Plan {
    let mut plan = text();
    plan.fields[0].clean[0] = steps.to_vec();
    plan
}

#[test]
fn every_layout_is_trimmed_and_empty_is_null() {
    let texts = vec![Some("a"), None, Some("  b\t"), Some("  "), Some(""), Some("\u{a0}é\u{a0}")];
    let expected = ["a", "-", "b", "-", "-", "é"];
    let small: DictionaryArray<types::Int32Type> = texts.iter().copied().collect();
    let wide: ArrayRef = Arc::new(small.slice(0, 6));
    let arrays: [ArrayRef; 5] = [
        Arc::new(StringArray::from(texts.clone())),
        Arc::new(LargeStringArray::from(texts.clone())),
        Arc::new(StringViewArray::from(texts)),
        Arc::new(small.clone()),
        wide,
    ];
    for array in arrays {
        assert_eq!(cells(&text(), array.clone()), expected);
        assert_eq!(cells(&text(), array.slice(2, 2)), ["b", "-"]);
    }
}

#[test]
fn text_that_needs_no_change_is_shared() {
    let array = Arc::new(StringArray::from(vec![Some("a"), None, Some("b c")]));
    let side = read(&text(), &[batch(vec![("name", array.clone())])]).unwrap();
    let Column::Text(TextColumn::Small(shared)) = &side.fields[0] else { panic!("no small text") };
    assert_eq!(shared.parts()[0].values().as_ptr(), array.values().as_ptr());
    let large = Arc::new(LargeStringArray::from(vec!["a"]));
    let side = read(&text(), &[batch(vec![("name", large.clone())])]).unwrap();
    let Column::Text(TextColumn::Large(shared)) = &side.fields[0] else { panic!("no large text") };
    assert_eq!(shared.parts()[0].values().as_ptr(), large.values().as_ptr());
    assert!(side.memory.is_empty());
}

#[test]
fn other_types_are_written_plainly() {
    let dated: ArrayRef = Arc::new(Date32Array::from(vec![Some(20_540), None, Some(i32::MAX)]));
    assert_eq!(cells(&text(), dated), ["2026-03-28", "-", "-"]);
    assert_eq!(cells(&text(), Arc::new(Int64Array::from(vec![Some(-42), None]))), ["-42", "-"]);
    assert_eq!(cells(&text(), Arc::new(UInt8Array::from(vec![7]))), ["7"]);
    assert_eq!(
        cells(&text(), Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ["true", "false", "-"]
    );
    assert_eq!(cells(&text(), Arc::new(NullArray::new(1))), ["-"]);
    let decimals = Decimal128Array::from(vec![1205]).with_precision_and_scale(38, 2).unwrap();
    assert_eq!(cells(&text(), Arc::new(decimals)), ["12.05"]);
    let instant = TimestampMillisecondArray::from(vec![1_774_740_600_250]);
    assert_eq!(cells(&text(), Arc::new(instant.clone())), ["2026-03-28T23:30:00.25"]);
    assert_eq!(cells(&text(), Arc::new(instant.with_timezone("+01:00"))), ["2026-03-29T00:30:00.25"]);
    assert_eq!(refused(&text(), Arc::new(Float64Array::from(vec![1.0]))), "wrong_type");
}

#[test]
fn leading_zeros_stay_unless_they_are_stripped() {
    assert_eq!(cells(&text(), utf8(&["007"])), ["007"]);
    assert_eq!(cells(&cleaned(&[Clean::StripZeros]), utf8(&["007", "000", "", "a0"])), ["7", "0", "-", "a0"]);
}

#[test]
fn cleaning_steps_run_in_the_order_written() {
    use Clean::{Alphanumeric, Collapse, Digits, Lower, Punctuation, StripZeros, Unaccent, Upper};
    let clean = |steps: &[Clean], text: &str| cells(&cleaned(steps), utf8(&[text])).remove(0);
    assert_eq!(clean(&[Upper], "Straße"), "STRASSE");
    assert_eq!(clean(&[Lower], "ÄRZTE Ag"), "ärzte ag");
    assert_eq!(clean(&[Unaccent], "Ærøskøbing Müller"), "AEroskobing Muller");
    assert_eq!(clean(&[Collapse], " a \t b\n\nc "), "a b c");
    assert_eq!(clean(&[Alphanumeric], "INV-007/é"), "INV007é");
    assert_eq!(clean(&[Digits], "INV-007/8"), "0078");
    assert_eq!(clean(&[Digits, StripZeros], "INV-007/8"), "78");
    assert_eq!(clean(&[StripZeros, Digits], "INV-007/8"), "0078");
    assert_eq!(clean(&[Punctuation, Collapse], "O'Neil & Co., Ltd."), "O Neil Co Ltd");
    assert_eq!(clean(&[Digits], "none"), "-");
    // NFKC comes first: full-width digits, ligatures, composed letters.
    assert_eq!(clean(&[Digits], "１２"), "12");
    assert_eq!(clean(&[Upper], "ﬁx"), "FIX");
    assert_eq!(clean(&[Lower], "e\u{301}"), "é");
    // Without cleaning nothing is normalised.
    assert_eq!(cells(&text(), utf8(&["１２"])), ["１２"]);
}

#[test]
fn extract_reads_the_text_as_given_before_cleaning() {
    let mut plan = cleaned(&[Clean::Lower]);
    let mut extract = |pattern: &str, text: &str| {
        plan.fields[0].cells[0].as_mut().unwrap().extract = Some(pattern.to_owned());
        cells(&plan, utf8(&[text])).remove(0)
    };
    assert_eq!(extract(r"INV-?(\d+\w)", "pay INV-12A and INV13"), "12a");
    assert_eq!(extract("INV.", "xx INVa"), "inva");
    assert_eq!(extract("inv", "INV"), "-");
    assert_eq!(extract("(a)|b", "b"), "-");
    assert_eq!(extract("x( )", "x y"), "-");
    let bad = {
        plan.fields[0].cells[0].as_mut().unwrap().extract = Some("(".to_owned());
        refused(&plan, utf8(&["x"]))
    };
    assert_eq!(bad, "bad_value");
}

#[test]
fn dictionaries_larger_than_their_use_and_with_null_values() {
    let keys = UInt8Array::from(vec![Some(3), None, Some(1), Some(2)]);
    let values = StringArray::from(vec![Some("unused"), None, Some(""), Some(" d ")]);
    let array: ArrayRef = Arc::new(DictionaryArray::new(keys, Arc::new(values)));
    assert_eq!(cells(&cleaned(&[Clean::Upper]), array.clone()), ["D", "-", "-", "-"]);
    assert_eq!(cells(&text(), array.slice(0, 1)), ["d"]);
}

#[test]
fn a_cell_of_ten_megabytes_is_a_cell() {
    let long = "ab ".repeat(3_500_000);
    let side =
        read(&cleaned(&[Clean::Upper, Clean::Collapse]), &[batch(vec![("name", utf8(&[&long, "x"]))])])
            .unwrap();
    let Column::Text(cells) = &side.fields[0] else { panic!("no text") };
    assert_eq!(cells.get(0).unwrap().len(), long.trim().len());
    let amounts = plan(vec![field("amount", FieldKind::Amount)]);
    let side = read(&amounts, &[batch(vec![("amount", utf8(&[&long]))])]).unwrap();
    assert!(side.issues[0].value.len() < 300);
}

#[test]
fn integers_read_from_whole_numbers() {
    let integers = plan(vec![field("key", FieldKind::Integer)]);
    assert_eq!(
        cells(&integers, Arc::new(Int64Array::from(vec![Some(i64::MIN), None]))),
        [&i64::MIN.to_string(), "-"]
    );
    assert_eq!(cells(&integers, Arc::new(UInt8Array::from(vec![7]))), ["7"]);
    let number = Decimal128Array::from(vec![12, i128::MAX]).with_precision_and_scale(38, 0).unwrap();
    assert_eq!(cells(&integers, Arc::new(number)), ["12", "!"]);
    let number = Decimal128Array::from(vec![1200, 1201]).with_precision_and_scale(38, 2).unwrap();
    assert_eq!(cells(&integers, Arc::new(number)), ["12", "!"]);
    let texts = utf8(&["007", " -7 ", "", "7.0", "1e3", "9223372036854775808", "x"]);
    assert_eq!(cells(&integers, texts), ["7", "-7", "-", "!", "!", "!", "!"]);
    assert_eq!(refused(&integers, Arc::new(Float64Array::from(vec![1.0]))), "wrong_type");
    assert_eq!(refused(&integers, Arc::new(BooleanArray::from(vec![true]))), "wrong_type");
}

#[test]
fn runs_read_like_the_values_they_stand_for() {
    let ends = arrow_array::Int32Array::from(vec![2, 3, 6]);
    let values = StringArray::from(vec![Some(" 1.5"), None, Some("2")]);
    let runs: ArrayRef = Arc::new(arrow_array::RunArray::try_new(&ends, &values).unwrap());
    assert_eq!(cells(&text(), runs.clone()), ["1.5", "1.5", "-", "2", "2", "2"]);
    assert_eq!(cells(&text(), runs.slice(1, 3)), ["1.5", "-", "2"]);
    let amounts = plan(vec![field("amount", FieldKind::Amount)]);
    assert_eq!(cells(&amounts, runs.slice(1, 3)), ["1.5", "-", "2.0"]);
}
