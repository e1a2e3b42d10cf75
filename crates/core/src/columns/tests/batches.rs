use super::*;
use crate::plan::{FilterPlan, FilterSubject};
use crate::spec::{Clean, FilterTest};
use arrow_array::{Decimal128Array, DictionaryArray, TimestampSecondArray, types};
use proptest::prelude::*;

/// A plan that walks every reader.
fn wide_plan() -> Plan {
    let mut plan = plan(vec![
        field("amount", FieldKind::Amount),
        field("code", FieldKind::Text),
        field("date", FieldKind::Date),
        field("fee", FieldKind::Amount),
        field("key", FieldKind::Integer),
        field("name", FieldKind::Text),
        field("net", FieldKind::Amount),
        field("when", FieldKind::Date),
    ]);
    plan.fields[1].clean[0] = vec![Clean::Upper, Clean::StripZeros];
    plan.fields[6].cells[0].as_mut().unwrap().from =
        CellSource::DebitCredit { debit: "amount".to_owned(), credit: "fee".to_owned() };
    plan.sources[0].zone = Some("Europe/Zurich".to_owned());
    plan.sources[0].cut_off = Some(18 * 3_600);
    plan.sources[0].filter =
        vec![FilterPlan { subject: FilterSubject::Field(1), test: FilterTest::Matches("^[^X]".to_owned()) }];
    plan.id = Some(4);
    plan
}

#[derive(Debug, Clone)]
struct Record {
    amount: Option<String>,
    code: Option<&'static str>,
    date: String,
    fee: Option<i128>,
    key: u64,
    name: String,
    when: Option<i64>,
}

fn record() -> impl Strategy<Value = Record> {
    let amount = prop_oneof![
        6 => "-?[0-9]{1,6}(\\.[0-9]{0,3})?".prop_map(Some),
        1 => Just(None),
        1 => "[ ,x]{0,3}".prop_map(Some),
        1 => "[0-9]{18,40}".prop_map(Some),
    ];
    let code =
        prop_oneof![Just(None), Just(Some("a")), Just(Some(" 007 ")), Just(Some("")), Just(Some("xé"))];
    let date =
        prop_oneof!["2026-0[0-9]-[0-3][0-9]", "2026-01-0[1-9]T[0-2][0-9]:30(Z|\\+05:00)?", "[ a]{0,2}"];
    let fee =
        prop_oneof![Just(None), Just(Some(0)), (-1_000_i128..1_000).prop_map(Some), Just(Some(i128::MAX))];
    let key = prop_oneof![9 => 0..1_000_u64, 1 => Just(u64::MAX)];
    let when =
        prop_oneof![Just(None), (-5_000_000_000_i64..5_000_000_000).prop_map(Some), Just(Some(i64::MAX))];
    (amount, code, date, fee, key, "[ a-cé]{0,3}", when).prop_map(
        |(amount, code, date, fee, key, name, when)| Record { amount, code, date, fee, key, name, when },
    )
}

fn to_batch(records: &[Record]) -> RecordBatch {
    let amounts: StringArray = records.iter().map(|record| record.amount.as_deref()).collect();
    let codes: DictionaryArray<types::Int16Type> = records.iter().map(|record| record.code).collect();
    let fees: Decimal128Array = records.iter().map(|record| record.fee).collect();
    let keys = arrow_array::UInt64Array::from_iter_values(records.iter().map(|record| record.key));
    let whens: TimestampSecondArray = records.iter().map(|record| record.when).collect();
    batch(vec![
        ("amount", Arc::new(amounts)),
        ("code", Arc::new(codes)),
        ("date", Arc::new(records.iter().map(|record| Some(record.date.as_str())).collect::<StringArray>())),
        ("fee", Arc::new(fees.with_precision_and_scale(38, 1).unwrap())),
        ("key", Arc::new(keys)),
        ("name", Arc::new(records.iter().map(|record| Some(record.name.as_str())).collect::<StringArray>())),
        ("when", Arc::new(whens.with_timezone("America/New_York"))),
    ])
}

/// All that a reader of columns can see.
fn seen(plan: &Plan, batches: &[RecordBatch]) -> impl PartialEq + std::fmt::Debug + use<> {
    let facts = Facts::gather(plan, Side::Left, batches).unwrap();
    let side = prepare_side(plan, &facts, Side::Left, batches, None, &Control::default()).unwrap();
    let fields: Vec<_> = (0..plan.fields.len()).map(|field| written(&side, field, facts.scale())).collect();
    let parts: Vec<bool> = (0..side.rows).map(|row| side.takes_part(row)).collect();
    let widths: Vec<bool> = side
        .fields
        .iter()
        .map(|column| matches!(column, Column::Amount(amounts) if matches!(amounts.values, crate::columns::AmountValues::Wide(_))))
        .collect();
    let nulls: Vec<usize> = side
        .fields
        .iter()
        .map(|column| column.nulls().map_or(0, arrow_buffer::NullBuffer::null_count))
        .collect();
    (facts, fields, parts, widths, nulls, side.issues, side.excluded, side.unreadable)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn where_batches_end_changes_nothing(records in proptest::collection::vec(record(), 0..160)) {
        let plan = wide_plan();
        let whole = seen(&plan, &[to_batch(&records)]);
        for size in [1, 2, 7, 49, 50, 51] {
            let cut: Vec<RecordBatch> = records.chunks(size).map(to_batch).collect();
            if !cut.is_empty() {
                prop_assert_eq!(&seen(&plan, &cut), &whole, "batches of {} built apart", size);
            }
            let all = to_batch(&records);
            let slices: Vec<RecordBatch> = (0..records.len().div_ceil(size))
                .map(|index| all.slice(index * size, size.min(records.len() - index * size)))
                .collect();
            if !slices.is_empty() {
                prop_assert_eq!(&seen(&plan, &slices), &whole, "batches of {} sliced", size);
            }
        }
    }

    #[test]
    fn facts_of_parts_merge_to_facts_of_the_whole(records in proptest::collection::vec(record(), 1..100), at in 0..100_usize) {
        let plan = wide_plan();
        let at = at.min(records.len());
        let gather = |records: &[Record]| Facts::gather(&plan, Side::Left, &[to_batch(records)]).unwrap();
        let parts = gather(&records[at..]).merge(gather(&records[..at])).unwrap();
        prop_assert_eq!(parts, gather(&records));
    }
}

#[test]
fn more_records_than_a_piece_read_like_few() {
    // 150,000 records cross two borders of pieces; every column repeats with another period.
    let records: Vec<Record> = (0..150_000_u64)
        .map(|index| Record {
            amount: (index % 3 != 0).then(|| format!("{}.{:02}", index % 1_000, index % 100)),
            code: [None, Some("a"), Some(" b "), Some("")][usize::try_from(index % 4).unwrap()],
            date: if index % 70_001 == 0 { "x".to_owned() } else { format!("2026-01-{:02}", index % 28 + 1) },
            fee: (index % 3 == 0).then_some(i128::from(index)),
            key: index,
            name: if index % 5 == 0 { " n ".to_owned() } else { "n".to_owned() },
            when: Some(i64::try_from(index * 10_000).unwrap()),
        })
        .collect();
    let plan = wide_plan();
    let cut: Vec<RecordBatch> = records.chunks(40_000).map(to_batch).collect();
    assert!(seen(&plan, &cut) == seen(&plan, &[to_batch(&records)]));
    let side = read(&plan, &cut).unwrap();
    let bad: Vec<u32> = side.issues.iter().map(|issue| issue.row).collect();
    assert_eq!(bad, [0, 70_001, 140_002]);
    for row in [0_u32, 65_535, 65_536, 131_072, 149_999] {
        let record = &records[row as usize];
        let Column::Amount(amounts) = &side.fields[0] else { panic!("no amounts") };
        let expected = record.amount.as_ref().map(|text| text.replace('.', "").parse::<i128>().unwrap());
        assert_eq!(amounts.get(row), expected);
    }
}
