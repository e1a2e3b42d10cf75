//! Hand-built plans, columns and finds.

mod causes;
mod golden;
mod groups;
mod promises;
mod values;

use super::*;
use crate::columns::{AmountColumn, AmountValues, Column, DateColumn, NO_ROW, Row, SideColumns, TextColumn};
use crate::plan::{FieldPlan, ONE, PassPlan, TieOutPlan, VariancePlan};
use crate::spec::{Ambiguous, Cardinality, FieldKind, Sign, Status};
use arrow_array::{Array as _, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_cast::display::{ArrayFormatter, FormatOptions};

/// Positions of the fixture's fields.
const ACCOUNT: usize = 0;
const AMOUNT: usize = 1;
const CURRENCY: usize = 2;
const DATE: usize = 3;
const ID: usize = 4;
const PAYEE: usize = 5;
const FIELDS: [(&str, FieldKind); 6] = [
    ("account", FieldKind::Text),
    ("amount", FieldKind::Amount),
    ("currency", FieldKind::Text),
    ("date", FieldKind::Date),
    ("id", FieldKind::Text),
    ("payee", FieldKind::Text),
];

fn pass(name: &str, cardinality: Cardinality, sign: Sign) -> PassPlan {
    PassPlan {
        name: name.to_owned(),
        cardinality,
        key: Vec::new(),
        conditions: Vec::new(),
        limiter: None,
        key_weight: 0,
        prior: None,
        variance: Some(VariancePlan { left: AMOUNT, right: AMOUNT, sign }),
        days: Some((DATE, DATE)),
        floor: 500_000,
        margin: 0,
        ambiguous: Ambiguous::Propose,
        status: Status::Matched,
        propose_below: 0,
        grouping: match cardinality {
            Cardinality::ManyToMany => crate::plan::Grouping::Decided,
            _ => crate::plan::Grouping::Pairs,
        },
    }
}

/// `exact`, `near` (signs ignored), `turned` (opposite signs), `netting` (inside a source).
fn plan(by: &[usize]) -> Plan {
    let field = |(name, kind): &(&str, FieldKind)| FieldPlan {
        name: (*name).to_owned(),
        kind: *kind,
        scale: [None, None],
        cells: [None, None],
        clean: [Vec::new(), Vec::new()],
        many: [false; 2],
    };
    Plan {
        names: ["bank".to_owned(), "ledger".to_owned()],
        fields: FIELDS.iter().map(field).collect(),
        id: Some(ID),
        date: Some(DATE),
        currency: Some(CURRENCY),
        tie_out: TieOutPlan { amount: Some(AMOUNT), by: by.to_vec() },
        passes: vec![
            pass("exact", Cardinality::OneToOne, Sign::Same),
            pass("near", Cardinality::OneToOne, Sign::Ignore),
            pass("turned", Cardinality::OneToOne, Sign::Opposite),
            pass("netting", Cardinality::SameSide, Sign::Opposite),
        ],
        carry: vec![DATE, PAYEE, AMOUNT],
        as_of: Some(20_100),
        ..Plan::default()
    }
}

/// A record: account, amount, currency, day, id, payee.
type Record<'a> = (&'a str, Option<i128>, &'a str, Option<i32>, &'a str, &'a str);

fn text(records: &[Record<'_>], cell: fn(&Record<'_>) -> String) -> Column {
    let cells = records.iter().map(cell).map(|cell| (!cell.is_empty()).then_some(cell));
    Column::Text(TextColumn::Small(cells.collect::<StringArray>().into()))
}

fn nulls<T>(cells: &[Option<T>]) -> Option<NullBuffer> {
    let valid = BooleanBuffer::collect_bool(cells.len(), |at| cells[at].is_some());
    Some(NullBuffer::new(valid)).filter(|nulls| nulls.null_count() > 0)
}

fn side(records: &[Record<'_>]) -> SideColumns {
    let amounts: Vec<Option<i128>> = records.iter().map(|record| record.1).collect();
    let narrow: Result<Vec<i64>, _> =
        amounts.iter().map(|amount| i64::try_from(amount.unwrap_or(0))).collect();
    let values = match narrow {
        Ok(narrow) => AmountValues::Narrow(narrow.into()),
        Err(_) => AmountValues::Wide(amounts.iter().map(|amount| amount.unwrap_or(0)).collect()),
    };
    let days: Vec<Option<i32>> = records.iter().map(|record| record.3).collect();
    let dates: ScalarBuffer<i32> = days.iter().map(|day| day.unwrap_or(0)).collect();
    SideColumns {
        rows: crate::columns::row_of(records.len()),
        fields: vec![
            text(records, |record| record.0.to_owned()),
            Column::Amount(AmountColumn { values, nulls: nulls(&amounts) }),
            text(records, |record| record.2.to_owned()),
            Column::Date(DateColumn { days: dates, nulls: nulls(&days) }),
            text(records, |record| record.4.to_owned()),
            text(records, |record| record.5.to_owned()),
        ],
        issues_dropped: vec![0; FIELDS.len()],
        doubles: vec![0; FIELDS.len()],
        ..SideColumns::default()
    }
}

fn columns(left: &[Record<'_>], right: &[Record<'_>]) -> Columns {
    Columns { sides: [side(left), side(right)], scale: 2, ..Columns::default() }
}

fn bits(rows: usize, set: &[usize]) -> BooleanBuffer {
    BooleanBuffer::collect_bool(rows, |at| set.contains(&at))
}

fn pair(pass: u16, span: Span, left: Row, right: Row) -> Pair {
    Pair {
        left,
        right,
        score: ONE,
        rivals: 0,
        regret: 500_000,
        pass,
        span,
        status: Status::Matched,
        ambiguity: Ambiguity::Unique,
    }
}

fn open(row: Row, reason: Reason) -> Break {
    Break { row, reason, pass: None, nearest: NO_ROW, rival: NO_ROW, score: None, lacks: None }
}

fn work(entered: [u64; 2], [comparisons, candidates, components, limited]: [u64; 4]) -> PassWork {
    PassWork { entered, blocks: 2, comparisons, candidates, components, limited, nearest_cut: 0 }
}

/// A run with a little of everything.
fn everything() -> (Plan, Columns, Found) {
    let left: [Record<'_>; 9] = [
        ("A", Some(10_000), "EUR", Some(20_000), "L0", "Ana"),
        ("A", Some(2_500), "EUR", Some(20_001), "L1", "Bo, \"B\""),
        ("A", Some(-700), "EUR", None, "L2", ""),
        ("B", Some(123_456_789), "USD", Some(20_003), "L3", "Дан"),
        ("B", Some(50), "EUR", Some(20_004), "L4", "Eva"),
        ("B", Some(-50), "EUR", Some(20_009), "L5", "Eva"),
        ("B", None, "EUR", Some(20_004), "L6", "F"),
        ("B", Some(900), "", Some(20_004), "", "G"),
        ("A", Some(999), "EUR", Some(20_004), "L8", "excluded"),
    ];
    let right: [Record<'_>; 7] = [
        ("A", Some(2_499), "EUR", Some(20_003), "R0", "Bo"),
        ("A", Some(10_000), "EUR", Some(20_000), "R1", "Ana"),
        ("A", Some(700), "EUR", Some(20_002), "R2", "C"),
        ("B", Some(123_456_700), "USD", Some(20_003), "R3", "Dan"),
        ("B", Some(2_499), "EUR", Some(20_003), "R4", "Bo"),
        ("C", Some(75), "CHF", Some(20_003), "R5", "H"),
        ("C", Some(-75), "CHF", None, "R6", "H"),
    ];
    let mut columns = columns(&left, &right);
    columns.sides[0].excluded = Some(bits(9, &[8]));
    columns.sides[0].unreadable = Some(bits(9, &[6]));
    columns.sides[0].issues = vec![crate::columns::Issue {
        row: 6,
        field: Some(AMOUNT),
        value: "12,x".to_owned(),
        problem: "is not an amount".to_owned(),
    }];
    columns.sides[0].issues_dropped[PAYEE] = 2;
    columns.sides[1].doubles[AMOUNT] = 3;
    let found = Found {
        pairs: vec![
            pair(0, Span::Across, 0, 1),
            Pair {
                score: 812_500,
                rivals: 1,
                regret: NO_REGRET,
                status: Status::Proposed,
                ambiguity: Ambiguity::Ambiguous,
                ..pair(1, Span::Across, 1, 0)
            },
            pair(2, Span::Across, 2, 2),
            Pair { ambiguity: Ambiguity::Limited, score: 999_999, ..pair(1, Span::Across, 3, 3) },
            pair(3, Span::WithinLeft, 4, 5),
            Pair { ambiguity: Ambiguity::Interchangeable, ..pair(3, Span::WithinRight, 5, 6) },
        ],
        breaks: [
            vec![open(6, Reason::Unreadable), open(7, Reason::MissingOnRight)],
            vec![Break {
                pass: Some(1),
                nearest: 1,
                rival: 0,
                score: Some(812_500),
                ..open(4, Reason::Taken)
            }],
        ],
        work: vec![
            work([7, 7], [1, 1, 1, 0]),
            work([6, 6], [9, 4, 2, 1]),
            PassWork::default(),
            PassWork::default(),
        ],
        ..Found::default()
    };
    (plan(&[CURRENCY]), columns, found)
}

fn outcome((plan, columns, found): (Plan, Columns, Found)) -> Result<Outcome> {
    Outcome::new(Arc::new(plan), Arc::new(columns), found)
}

/// A batch as lines a person can compare; nulls are `∅`.
fn printed(batch: &RecordBatch) -> String {
    let options = FormatOptions::default().with_null("∅");
    let mut columns: Vec<Vec<String>> = Vec::new();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let formatter = ArrayFormatter::try_new(array, &options).unwrap();
        let mut cells = vec![field.name().clone(), kind(field.data_type(), field.is_nullable())];
        cells.extend((0..array.len()).map(|row| formatter.value(row).to_string()));
        columns.push(cells);
    }
    let lines = (0..batch.num_rows() + 2).map(|row| {
        let cell = |column: &Vec<String>| {
            let width = column.iter().map(|cell| cell.chars().count()).max().unwrap_or_default();
            format!("{:<width$}", column[row])
        };
        columns.iter().map(cell).collect::<Vec<_>>().join(" | ").trim_end().to_owned() + "\n"
    });
    lines.collect()
}

fn kind(kind: &arrow_schema::DataType, nullable: bool) -> String {
    use arrow_schema::DataType;
    let name = match kind {
        DataType::Dictionary(keys, _) => format!("Dict {keys}"),
        DataType::Decimal128(precision, scale) => format!("Dec({precision},{scale})"),
        other => other.to_string(),
    };
    if nullable { name + "?" } else { name }
}
