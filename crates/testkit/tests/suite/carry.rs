//! What runs carry from one to the next, and what balances and adjustments come to, on generated cases.

use arrow_array::cast::AsArray as _;
use arrow_array::types::Decimal128Type;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_buffer::i256;
use arrow_cast::cast;
use arrow_schema::DataType;
use recon378_core::outcome::{Ambiguity, Balances, CellStatement, Outcome, Section, Span};
use recon378_core::plan::Side;
use recon378_core::spec::{Ambiguous, Condition, PassSpec, Sign, Spec, Status, TieOutSpec};
use recon378_core::{Control, Result};
use recon378_testkit::generate::{Case, Random, case};
use recon378_testkit::run;
use std::collections::BTreeMap;
use std::sync::Arc;

const CASES: u64 = 600;

/// The cases that run, with what they come to; `at_least` of them must.
fn outcomes(prepare: impl Fn(&mut Case)) -> Vec<(Case, Outcome)> {
    let made: Vec<_> = (0..CASES)
        .filter_map(|seed| {
            let mut case = case(seed);
            prepare(&mut case);
            let outcome = run::prepare(&case).and_then(|prepared| prepared.outcome()).ok()?;
            Some((case, outcome))
        })
        .collect();
    assert!(made.len() as u64 * 2 > CASES, "only {} of {CASES} cases ran", made.len());
    made
}

fn carrying(spec: &Spec, sides: &[RecordBatch; 2], items: &RecordBatch) -> Result<Outcome> {
    let [left, right] = sides;
    let sides = [std::slice::from_ref(left), std::slice::from_ref(right)];
    run::prepare_carrying(spec, sides, std::slice::from_ref(items))?.outcome()
}

/// Ids that no other record of the case, or of a later period, has.
fn with_unique_ids(case: &mut Case, period: &str) {
    for (side, records) in ["l", "r"].iter().zip(&mut case.sides) {
        for (at, record) in records.iter_mut().enumerate() {
            record.id = Some(format!("{side}{period}{at}"));
        }
    }
}

#[test]
fn a_run_with_its_own_open_items_finds_the_same() {
    // What has neither an id nor a date can't be told from another record like it.
    let made = outcomes(|case| {
        let records = case.sides.iter_mut().flatten();
        records.filter(|record| record.id.is_none()).for_each(|record| record.date = record.date.or(Some(7)));
    });
    // A source that holds what was taken in part once more is refused: what of it is due, it doesn't say.
    for (case, outcome) in made.into_iter().filter(|(_, outcome)| outcome.found().parts.is_empty()) {
        let again = carrying(&case.spec, &case.batches(), &outcome.open_items().unwrap()).unwrap();
        assert_eq!(again.digest().unwrap(), outcome.digest().unwrap(), "{case}");
        let replaced: u64 = again.summary().sources.iter().map(|source| source.replaced).sum();
        assert_eq!(replaced, outcome.open_items().unwrap().num_rows() as u64, "{case}");
    }
}

/// One pass of equalities that hold all that is tied out: which records are a pair is then a matter of counts.
fn exact() -> Spec {
    let on = ["currency", "reference", "amount"].map(Condition::equality).to_vec();
    let pass = PassSpec { on, ambiguous: Ambiguous::Match, ..PassSpec::default() };
    let tie_out = TieOutSpec { amount: Some("amount".to_owned()), by: vec!["currency".to_owned()] };
    Spec { passes: vec![pass], tie_out: Some(tie_out), ..Spec::default() }
}

/// Records and amounts, of both sides.
type Sum = ([u64; 2], [i256; 2]);

/// Per cell: matched records and amounts, and open ones.
fn explained(outcome: &Outcome) -> BTreeMap<Vec<Option<String>>, [Sum; 2]> {
    let mut cells: BTreeMap<_, [Sum; 2]> = BTreeMap::new();
    for line in &outcome.proof().lines {
        let at = match line.section {
            Section::Matched => 0,
            Section::Open => 1,
            _ => continue,
        };
        let (counts, amounts) = &mut cells.entry(line.cell.clone()).or_default()[at];
        for side in 0..2 {
            counts[side] += line.counts[side];
            amounts[side] = amounts[side].wrapping_add(line.amounts[side]);
        }
    }
    cells
}

#[test]
fn two_periods_with_open_items_explain_what_one_does() {
    let mut carried = 0;
    for (case, whole) in outcomes(|case| {
        case.spec = exact();
        with_unique_ids(case, "-");
    }) {
        let mut random = Random::new(case.sides[0].len() as u64 + 17 * case.sides[1].len() as u64);
        let mut periods = [Case { sides: Default::default(), ..case.clone() }, case.clone()];
        for side in 0..2 {
            let cut = random.index(case.sides[side].len() + 1);
            periods[0].sides[side] = periods[1].sides[side].drain(..cut).collect();
        }
        let first = run::prepare(&periods[0]).unwrap().outcome().unwrap();
        let items = first.open_items().unwrap();
        carried += items.num_rows();
        let second = carrying(&case.spec, &periods[1].batches(), &items).unwrap();
        // Matched in either period, open at the end of the second one.
        let mut both = explained(&first);
        for sections in both.values_mut() {
            sections[1] = Default::default();
        }
        for (cell, sections) in explained(&second) {
            for (sum, (counts, amounts)) in both.entry(cell).or_default().iter_mut().zip(sections) {
                for side in 0..2 {
                    sum.0[side] += counts[side];
                    sum.1[side] = sum.1[side].wrapping_add(amounts[side]);
                }
            }
        }
        both.retain(|_, sections| sections.iter().any(|(counts, _)| *counts != [0, 0]));
        assert_eq!(both, explained(&whole), "{case}");
    }
    assert!(carried > 500, "only {carried} records were carried");
}

/// Open items with sides swapped, or in another order.
fn remade(items: &RecordBatch, swap: bool, order: &[u32]) -> RecordBatch {
    let side = cast(items.column_by_name("side").unwrap(), &DataType::Utf8).unwrap();
    let side = side.as_string::<i32>();
    let swapped = side.iter().map(|side| match side {
        Some("left") if swap => Some("right"),
        Some("right") if swap => Some("left"),
        other => other,
    });
    let mut columns: Vec<(String, ArrayRef)> = items
        .schema()
        .fields()
        .iter()
        .zip(items.columns())
        .map(|(field, column)| (field.name().clone(), ArrayRef::clone(column)))
        .collect();
    columns[0].1 = Arc::new(swapped.collect::<StringArray>());
    let order = arrow_array::UInt32Array::from(order.to_vec());
    let columns = columns
        .into_iter()
        .map(|(name, column)| (name, arrow_select::take::take(&column, &order, None).unwrap(), true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// What stays the same however records are numbered: ids by status and reason.
fn figures(outcome: &Outcome, swap: bool) -> Vec<String> {
    let ids = |table: &RecordBatch, column: &str| -> Vec<String> {
        let cells = cast(table.column_by_name(column).unwrap(), &DataType::Utf8).unwrap();
        cells.as_string::<i32>().iter().map(|cell| cell.unwrap_or("-").to_owned()).collect()
    };
    let items = outcome.open_items().unwrap();
    let columns = ["side", "id", "state", "reason", "first_seen", "amount", "reference", "date"];
    let columns = columns.map(|column| ids(&items, column));
    let mirrored = |cell: &String| match cell.as_str() {
        "left" if swap => "right".to_owned(),
        "right" if swap => "left".to_owned(),
        other => other.replace("_on_left", "").replace("_on_right", ""),
    };
    let mut rows: Vec<String> = (0..items.num_rows())
        .map(|row| columns.iter().map(|cells| mirrored(&cells[row])).collect::<Vec<_>>().join("|"))
        .collect();
    rows.sort();
    rows
}

fn picked(outcome: &Outcome) -> bool {
    outcome.pairs_rows().iter().any(|pair| pair.ambiguity == Ambiguity::Ambiguous)
}

#[test]
fn carried_records_are_permuted_and_mirrored_like_any_other() {
    let mut seen = 0;
    for (case, first) in outcomes(|case| {
        case.spec = Spec { as_of: Some(20_000), ..exact() };
        with_unique_ids(case, "-");
    }) {
        let items = first.open_items().unwrap();
        let mut later = recon378_testkit::generate::case(case.sides[0].len() as u64 * 7 + 1);
        later.text_amounts = case.text_amounts;
        with_unique_ids(&mut later, "+");
        let sides = later.batches();
        let as_it_stands: Vec<u32> = (0..).take(items.num_rows()).collect();
        let mut order = as_it_stands.clone();
        Random::new(3).shuffle(&mut order);
        let spec = Spec { as_of: Some(20_031), ..exact() };
        let one = carrying(&spec, &sides, &items).unwrap();
        let other = carrying(&spec, &sides, &remade(&items, false, &order)).unwrap();
        // Which of two twins is left over follows their ids, not their rows.
        assert_eq!(figures(&one, false), figures(&other, false), "{case}");
        let [left, right] = sides;
        let mirror =
            carrying(&spec.mirrored(), &[right, left], &remade(&items, true, &as_it_stands)).unwrap();
        // The pick among ties is the one thing that mirroring may change.
        if !picked(&one) {
            assert_eq!(figures(&one, false), figures(&mirror, true), "{case}");
        }
        seen += items.num_rows();
    }
    assert!(seen > 500, "only {seen} records were carried");
}

/// Balances of every cell, closing where the records lead from random openings, but for what `off` adds.
fn balances(outcome: &Outcome, random: &mut Random, off: [i128; 2]) -> (RecordBatch, bool) {
    let proofs = outcome.proof().proofs();
    let scale = outcome.columns().scale;
    let by = &outcome.proof().by;
    let mut columns: Vec<(String, ArrayRef)> = by
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let cells: StringArray = proofs.iter().map(|proof| proof.cell[at].as_deref()).collect();
            (name.clone(), Arc::new(cells) as ArrayRef)
        })
        .collect();
    for (side, name) in ["left", "right"].iter().enumerate() {
        let opening: Vec<i128> = proofs.iter().map(|_| i128::from(random.below(1_000)) - 500).collect();
        let closing = proofs.iter().zip(&opening).map(|(proof, opening)| {
            let movement = proof.totals[side].wrapping_sub(proof.carried[side]).to_i128().unwrap();
            opening + movement + off[side]
        });
        for (end, amounts) in [("opening", opening.clone()), ("closing", closing.collect())] {
            let array = arrow_array::Decimal128Array::from(amounts);
            let array = array.with_precision_and_scale(38, i8::try_from(scale).unwrap()).unwrap();
            columns.push((format!("{name}_{end}"), Arc::new(array)));
        }
    }
    let table = columns.into_iter().map(|(name, array)| (name, array, true));
    (RecordBatch::try_from_iter_with_nullable(table).unwrap(), !proofs.is_empty())
}

#[test]
fn complete_records_prove_every_cell_and_what_is_missing_is_the_proof() {
    let mut proven = 0;
    for (case, first) in outcomes(|case| with_unique_ids(case, "-")) {
        if first.plan().tie_out.amount.is_none() {
            continue;
        }
        let items = first.open_items().unwrap();
        let mut later = recon378_testkit::generate::case(case.sides[1].len() as u64);
        later.text_amounts = case.text_amounts;
        with_unique_ids(&mut later, "+");
        let Ok(second) = carrying(&case.spec, &later.batches(), &items) else { continue };
        let mut random = Random::new(items.num_rows() as u64);
        for off in [[0, 0], [3, 0], [0, -5], [7, 7]] {
            let (table, any) = balances(&second, &mut random, off);
            let read = Balances::read(second.plan(), &[table], &Control::default()).unwrap();
            let outcome = second.clone().with_balances(&read).unwrap();
            for cell in &outcome.statement().unwrap().cells {
                holds(cell, off);
            }
            let expected = any.then_some(off == [0, 0]);
            assert_eq!(outcome.statement().unwrap().is_proven(), expected, "{case}");
            proven += 1;
        }
    }
    assert!(proven > 1_000, "only {proven} statements were made");
}

/// The identity of a statement: the closings differ by as much as the openings, the movements and the proofs do, and the
/// lines add up to it.
fn holds(cell: &CellStatement, off: [i128; 2]) {
    let proofs = Side::BOTH.map(|side| cell.side_proof(side).unwrap());
    assert_eq!(proofs, off.map(i256::from_i128));
    assert_eq!(cell.proof().unwrap(), proofs[1].wrapping_sub(proofs[0]));
    let known = |amounts: [Option<i256>; 2]| amounts[1].unwrap().wrapping_sub(amounts[0].unwrap());
    let moved = cell.movement[1].wrapping_sub(cell.movement[0]);
    let led = known(cell.opening).wrapping_add(moved).wrapping_add(cell.proof().unwrap());
    assert_eq!(known(cell.closing), led);
}

/// A source that holds all that was open once more: the openings knew it already, whatever its records are now.
#[test]
fn records_in_the_place_of_open_items_are_no_movement() {
    let (mut cells, mut random) = (0, Random::new(7));
    for (case, first) in outcomes(|case| with_unique_ids(case, "-")) {
        if first.plan().tie_out.amount.is_none() || !first.found().parts.is_empty() {
            continue;
        }
        let items = first.open_items().unwrap();
        let again = carrying(&case.spec, &case.batches(), &items).unwrap();
        let (table, _) = balances(&again, &mut random, [0, 0]);
        let read = Balances::read(again.plan(), &[table], &Control::default()).unwrap();
        let again = again.with_balances(&read).unwrap();
        for cell in &again.statement().unwrap().cells {
            let of_cell = first.proof().lines.iter().filter(|line| line.cell == cell.cell);
            let left = of_cell.filter(|line| matches!(line.section, Section::Open | Section::Proposed));
            let open = left.fold([i256::ZERO; 2], |sum, line| {
                [sum[0].wrapping_add(line.amounts[0]), sum[1].wrapping_add(line.amounts[1])]
            });
            let proofs = first.proof().proofs();
            let totals = proofs.iter().find(|proof| proof.cell == cell.cell).unwrap().totals;
            assert_eq!(cell.carried, open, "{case}");
            assert_eq!(cell.movement, [0, 1].map(|at| totals[at].wrapping_sub(open[at])), "{case}");
            cells += usize::from(open != [i256::ZERO; 2]);
        }
    }
    assert!(cells > 300, "only {cells} cells had something open");
}

#[test]
fn adjustments_make_matched_groups_differ_by_nothing() {
    let mut lines = 0;
    for (case, outcome) in outcomes(|_| {}) {
        let Some(tied) = outcome.plan().tie_out.amount else { continue };
        let table = outcome.adjustments().unwrap();
        let ids = table.column_by_name("group_id").unwrap();
        let amounts = table.column_by_name("amount").unwrap().as_primitive::<Decimal128Type>();
        let ids = ids.as_primitive::<arrow_array::types::UInt64Type>();
        // The fee of a pass is a line of its own.
        let mut posted: BTreeMap<u64, i128> = BTreeMap::new();
        for (id, amount) in ids.values().iter().zip(amounts.values()) {
            assert_ne!(*amount, 0);
            *posted.entry(*id).or_default() += amount;
        }
        assert!(posted.len() <= table.num_rows() && table.num_rows() <= 2 * posted.len());
        lines += posted.len();
        let groups = outcome.groups().unwrap();
        let ids = groups.column_by_name("group_id").unwrap();
        let ids = ids.as_primitive::<arrow_array::types::UInt64Type>();
        let count = |side: &str| {
            groups.column_by_name(side).unwrap().as_primitive::<arrow_array::types::UInt32Type>().clone()
        };
        let counts = [count("left_count"), count("right_count")];
        let is_pair = |at: &usize| counts[0].value(*at) + counts[1].value(*at) == 2;
        let pairs_at = (0..groups.num_rows()).filter(is_pair);
        for (pair, id) in outcome.pairs_rows().iter().zip(pairs_at.map(|at| ids.values()[at])) {
            let amount = |side: Side, row| match &outcome.columns().side(side).fields[tied] {
                recon378_core::columns::Column::Amount(amounts) => amounts.get(row),
                _ => None,
            };
            let [first, second] = pair.span.sides();
            let line = posted.get(&id).copied();
            let (Some(one), Some(other)) = (amount(first, pair.left), amount(second, pair.right)) else {
                assert_eq!(line, None, "{case}");
                continue;
            };
            if pair.status == Status::Proposed {
                assert_eq!(line, None, "{case}");
                continue;
            }
            let line = line.unwrap_or(0);
            let sign =
                outcome.plan().passes[usize::from(pair.pass)].variance.map_or(Sign::Same, |own| own.sign);
            let left_over = match (pair.span, sign) {
                (Span::WithinLeft, _) => line - (one + other),
                (Span::WithinRight, _) => line + one + other,
                (Span::Across, Sign::Same) => other + line - one,
                (Span::Across, Sign::Opposite) => other + line + one,
                (Span::Across, Sign::Ignore) => (other + line).abs() - one.abs(),
            };
            let one_currency = groups_share_currency(&outcome, pair.span, (pair.left, pair.right));
            assert!(left_over == 0 || (line == 0 && !one_currency), "{case}");
        }
    }
    assert!(lines > 50, "only {lines} adjustments");
}

fn groups_share_currency(outcome: &Outcome, span: Span, (left, right): (u32, u32)) -> bool {
    let Some(currency) = outcome.plan().currency else { return true };
    let [first, second] = span.sides();
    let of = |side: Side, row| match &outcome.columns().side(side).fields[currency] {
        recon378_core::columns::Column::Text(texts) => texts.get(row),
        _ => None,
    };
    of(first, left) == of(second, right)
}
