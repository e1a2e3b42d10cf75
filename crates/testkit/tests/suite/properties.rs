//! The promises, one test each, on generated cases.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int8Type, Int16Type, UInt32Type, UInt64Type};
use recon378_core::columns::{Column, Row};
use recon378_core::outcome::{
    self, Ambiguity, Cause, Found, Outcome, Pair, Reason, Span, SystematicDifference,
};
use recon378_core::plan::{Grouping, Side};
use recon378_core::spec::{
    Ambiguous, DecisionKind, DecisionSpec, DecisionsSpec, PassSpec, RecordName, Sign, Status,
};
use recon378_testkit::generate::{Case, Random, case, minimised};
use recon378_testkit::run::{self, Prepared};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Seeds that each property walks through.
const CASES: u64 = 1_000;

/// Holds a property on every case; a failing one is made small and printed.
fn always(property: impl Fn(&Case) -> Result<(), String>) {
    let mut run = 0_u64;
    for seed in 0..CASES {
        let made = case(seed);
        if run::prepare(&made).is_ok() {
            run += 1;
        }
        if property(&made).is_err() {
            let small = minimised(&made, |case| run::prepare(case).is_ok() && property(case).is_err());
            panic!("seed {seed}: {}\n{small}", property(&small).unwrap_err());
        }
    }
    assert!(run * 2 > CASES, "only {run} of {CASES} cases ran");
}

/// Runs a case; refused specs and errors of the engine have nothing to hold.
fn found(case: &Case) -> Option<(Prepared, Found)> {
    let prepared = run::prepare(case).ok()?;
    let found = prepared.run().ok()?;
    Some((prepared, found))
}

fn equal(what: &str, one: &Found, other: &Found) -> Result<(), String> {
    let same = (&one.pairs, &one.groups, &one.breaks) == (&other.pairs, &other.groups, &other.breaks);
    if same && one.parts == other.parts { Ok(()) } else { Err(format!("{what}:\n{one:#?}\n{other:#?}")) }
}

#[test]
fn every_record_is_in_one_group_or_one_break() {
    always(|case| {
        let Some((prepared, found)) = found(case) else { return Ok(()) };
        for side in Side::BOTH {
            let source = prepared.columns.side(side);
            let mut times = vec![0; source.rows as usize];
            for pair in &found.pairs {
                let (left, right) = match pair.span {
                    Span::Across => (Side::Left, Side::Right),
                    Span::WithinLeft => (Side::Left, Side::Left),
                    Span::WithinRight => (Side::Right, Side::Right),
                };
                for (at, row) in [(left, pair.left), (right, pair.right)] {
                    if at == side {
                        times[row as usize] += 1;
                    }
                }
            }
            for group in found.groups.iter() {
                group.on(side).iter().for_each(|row| times[*row as usize] += 1);
            }
            for open in &found.breaks[side.index()] {
                times[open.row as usize] += 1;
            }
            if times.iter().any(|times| *times != 1) {
                return Err(format!("{}: {times:?}", side.name()));
            }
        }
        Ok(())
    });
}

#[test]
fn batch_sizes_change_nothing() {
    always(|case| {
        let Some((_, whole)) = found(case) else { return Ok(()) };
        let [left, right] = case.batches();
        for rows in [1, 2, 7, 49, 50, 51] {
            let (left, right) = (run::in_batches(&left, rows), run::in_batches(&right, rows));
            let prepared =
                run::prepare_batches(&case.spec, [&left, &right]).map_err(|error| error.to_string())?;
            let cut = prepared.run().map_err(|error| error.to_string())?;
            equal(&format!("batches of {rows}"), &whole, &cut)?;
        }
        Ok(())
    });
}

#[test]
fn threads_change_nothing() {
    let pools =
        [1, 2, 3].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    always(|case| {
        let Some((prepared, whole)) = found(case) else { return Ok(()) };
        for pool in &pools {
            let other = pool.install(|| prepared.run()).map_err(|error| error.to_string())?;
            equal(&format!("{} threads", pool.current_num_threads()), &whole, &other)?;
        }
        Ok(())
    });
}

#[test]
fn partitions_change_nothing() {
    always(|case| {
        let Some((prepared, whole)) = found(case) else { return Ok(()) };
        let mut random = Random::new(u64::from(prepared.columns.side(Side::Left).rows));
        for parts in [1, 2, 3, 7] {
            let other = prepared.run_in_parts(parts, &mut random).map_err(|error| error.to_string())?;
            equal(&format!("{parts} parts"), &whole, &other)?;
        }
        Ok(())
    });
}

/// A record by what conditions see of it: twins are the same.
fn twin(prepared: &Prepared, side: Side, row: Row) -> String {
    let source = prepared.columns.side(side);
    let cells: Vec<String> = prepared
        .plan
        .used
        .iter()
        .map(|field| match &source.fields[*field] {
            Column::Absent => "-".to_owned(),
            Column::Text(text) => format!("{:?}", text.get(row)),
            Column::Amount(amounts) => format!("{:?}", amounts.get(row)),
            Column::Date(days) => format!("{:?}", days.get(row)),
            Column::Integer(integers) => format!("{:?}", integers.get(row)),
            Column::Many(many) => format!("{:?}", many.cells().get(row)),
        })
        .collect();
    cells.join("|")
}

/// An outcome by twins instead of rows, sorted: what permuting may not change. With `swap` as its mirror image.
fn figures(prepared: &Prepared, found: &Found, swap: bool) -> Vec<String> {
    let pair = |pair: &Pair| {
        let (span, left, right) = match pair.span {
            Span::Across => (0, Side::Left, Side::Right),
            Span::WithinLeft => (if swap { 2 } else { 1 }, Side::Left, Side::Left),
            Span::WithinRight => (if swap { 1 } else { 2 }, Side::Right, Side::Right),
        };
        let mut ends = [twin(prepared, left, pair.left), twin(prepared, right, pair.right)];
        if swap && span == 0 {
            ends.reverse();
        }
        if prepared.plan.one_source {
            // Two that are near each other have no order.
            ends.sort();
        }
        let Pair { score, rivals, regret, pass, status, ambiguity, .. } = pair;
        format!("pair {span} {ends:?} {pass} {score} {rivals} {regret} {status:?} {ambiguity:?}")
    };
    let mut all: Vec<String> = found.pairs.iter().map(pair).collect();
    all.extend(found.groups.iter().map(|group| {
        let side = |side: Side| {
            let mut twins: Vec<String> =
                group.on(side).iter().map(|row| twin(prepared, side, *row)).collect();
            twins.sort();
            twins
        };
        let [left, right] = if swap { [Side::Right, Side::Left] } else { Side::BOTH };
        format!("group {:?} {:?} {:?}", side(left), side(right), group.verdict)
    }));
    for side in Side::BOTH {
        let shown = if swap { side.other() } else { side };
        all.extend(found.breaks[side.index()].iter().map(|open| {
            let reason = open.reason.name().replace("_on_left", "").replace("_on_right", "");
            // Which of the tied ones is named, and with it the score, is a pick.
            let score = open.score.filter(|_| open.reason != Reason::Ambiguous);
            let near = open.lacks.map(|lacks| (lacks, twin(prepared, side.other(), open.nearest)));
            format!(
                "break {} {} {reason} {:?} {score:?} {near:?}",
                shown.name(),
                twin(prepared, side, open.row),
                open.pass
            )
        }));
    }
    all.extend(found.parts.iter().map(|part| {
        let shown = if swap { part.side.other() } else { part.side };
        format!("part {} {} {} {}", shown.name(), twin(prepared, part.side, part.row), part.taken, part.pass)
    }));
    all.extend(told(prepared, found, swap));
    all.sort();
    all
}

#[test]
fn parts_and_what_is_left_of_a_record_add_up_to_it() {
    let in_parts = std::sync::atomic::AtomicU64::new(0);
    always(|case| {
        let Some((prepared, found)) = found(case) else { return Ok(()) };
        in_parts.fetch_add(found.parts.len() as u64, std::sync::atomic::Ordering::Relaxed);
        let (plan, columns) = (Arc::new(prepared.plan.clone()), Arc::new(prepared.columns.clone()));
        let parts = found.parts.clone();
        let outcome = Outcome::new(plan, columns, found).map_err(|error| error.to_string())?;
        let Some(field) = prepared.plan.tie_out.amount else { return Ok(()) };
        let amount = |columns: &recon378_core::columns::Columns, side: Side, row: Row| match &columns
            .side(side)
            .fields[field]
        {
            Column::Amount(amounts) => amounts.get(row),
            _ => None,
        };
        for side in Side::BOTH {
            let own = parts.iter().filter(|part| part.side == side);
            let breaks = outcome.breaks_of(side);
            let left = breaks.iter().filter(|open| open.reason == Reason::PartlyAllocated);
            let mut left: Vec<_> = left.map(|open| open.row).collect();
            for part in own {
                let whole = amount(&prepared.columns, side, part.row);
                let at = left.iter().position(|row| outcome.columns().side(side).origin(*row) == part.row);
                let rest =
                    at.map(|at| left.swap_remove(at)).and_then(|row| amount(outcome.columns(), side, row));
                let taken = amount(outcome.columns(), side, part.row);
                let sum = rest.zip(taken).map(|(rest, taken)| rest + taken);
                if taken != Some(part.taken) || sum != whole {
                    return Err(format!("{part:?}: {taken:?} and {rest:?} of {whole:?}"));
                }
            }
            if !left.is_empty() {
                return Err(format!("{left:?} are left of nothing"));
            }
        }
        Ok(())
    });
    let in_parts = in_parts.into_inner();
    assert!(in_parts > 30, "{in_parts} parts prove little");
}

#[test]
fn a_rejected_group_in_parts_is_not_made_again() {
    let rejected = std::sync::atomic::AtomicU64::new(0);
    always(|case| {
        if case.spec.decisions != DecisionsSpec::default() {
            return Ok(());
        }
        let Some((prepared, before)) = found(case) else { return Ok(()) };
        let all = [Status::Matched, Status::Proposed].map(|status| grouped(&prepared, &before, status));
        let of_part = |members: &BTreeSet<(Side, Row)>| {
            before.parts.iter().any(|part| members.contains(&(part.side, part.row)))
        };
        let groups: Vec<_> = all.iter().flatten().filter(|(_, members)| of_part(members)).collect();
        let reject = |(_, members): &&(String, BTreeSet<(Side, Row)>)| DecisionSpec {
            label: None,
            kind: DecisionKind::Reject,
            left: rows(members, Side::Left),
            right: rows(members, Side::Right),
        };
        let mut again = case.clone();
        again.spec.decisions = DecisionsSpec::Listed(groups.iter().map(reject).collect());
        let prepared = run::prepare(&again).map_err(|error| error.to_string())?;
        let after = prepared.outcome().map_err(|error| error.to_string())?;
        let made = |members: &BTreeSet<(Side, Row)>| {
            let groups = after.groups_rows().iter().map(|group| group.members().collect::<BTreeSet<_>>());
            let pairs = after.pairs_rows().iter().map(|pair| pair.members().into_iter().collect());
            groups.chain(pairs).any(|made| made == *members)
        };
        rejected.fetch_add(groups.len() as u64, std::sync::atomic::Ordering::Relaxed);
        match groups.iter().find(|(_, members)| made(members)) {
            Some(group) => Err(format!("{group:?} was rejected")),
            None => Ok(()),
        }
    });
    assert!(rejected.into_inner() > 30);
}

/// Causes and systematic differences without their examples, which are picks among equals. With `swap` as their mirror
/// image: what is added to the one side is taken from the other.
fn told(prepared: &Prepared, found: &Found, swap: bool) -> Vec<String> {
    let (plan, columns) = (Arc::new(prepared.plan.clone()), Arc::new(prepared.columns.clone()));
    let outcome = Outcome::new(plan, columns, found.clone()).unwrap();
    // Of an opposite sign the variance is the sum of both amounts, whichever side is left.
    let is_directed = |cause: &&Cause| {
        let pass = cause.pass.and_then(|pass| prepared.plan.passes.get(usize::from(pass)));
        pass.and_then(|pass| pass.variance).is_none_or(|variance| variance.sign != Sign::Opposite)
    };
    let cause = |cause: &Cause| {
        let name = cause.name.name().replace("_on_left", "").replace("_on_right", "");
        let side = cause.side.map(|side| if swap { side.other() } else { side });
        let (mut counts, mut amount) = (cause.counts, cause.amount);
        if swap {
            counts.reverse();
            amount = amount.wrapping_neg();
        }
        let Cause { cell, detail, pass, .. } = cause;
        format!("cause {cell:?} {name} {detail:?} {pass:?} {side:?} {counts:?} {amount}")
    };
    let differences = outcome.summary().systematic.into_iter().map(|difference| {
        let side = difference.side.map(|side| match (side, swap) {
            ("left", true) => "right",
            ("right", true) => "left",
            (side, _) => side,
        });
        let SystematicDifference { field, kind, value, pairs, of, .. } = difference;
        format!("systematic {field} {kind} {side:?} {value:?} {pairs} of {of}")
    });
    let mut told = differing(&outcome, swap);
    told.extend(outcome.all_causes().iter().filter(is_directed).map(cause).chain(differences));
    told
}

/// Values that differ inside groups, without the rows of their records; as their mirror image with `swap`.
fn differing(outcome: &Outcome, swap: bool) -> Vec<String> {
    let table = outcome.differences().unwrap();
    let text = |name: &str| table[name].as_string::<i32>().iter().map(|cell| cell.unwrap_or("-").to_owned());
    let fields = table["field"].as_dictionary::<Int16Type>();
    let names = fields.values().as_string::<i32>();
    let fields =
        fields.keys().values().iter().map(|key| names.value(usize::try_from(*key).unwrap()).to_owned());
    let deltas = text("delta").map(|delta| match delta.strip_prefix('-') {
        _ if !swap || delta == "-" || delta.chars().all(|digit| "0.".contains(digit)) => delta,
        Some(size) => size.to_owned(),
        None => format!("-{delta}"),
    });
    let values = text("left").zip(text("right"));
    let rows = fields.zip(values).zip(deltas).map(|((field, (left, right)), delta)| {
        let (left, right) = if swap { (right, left) } else { (left, right) };
        format!("difference {field} {left} {right} {delta}")
    });
    rows.collect()
}

#[test]
fn differences_are_the_pairs_of_records_whose_values_differ() {
    always(|case| {
        if !case.spec.compare.iter().any(|one| one.left == "payee") {
            return Ok(());
        }
        let Some((prepared, found)) = found(case) else { return Ok(()) };
        let field = prepared.plan.fields.iter().position(|field| field.name == "payee").ok_or("no payee")?;
        let payee = |side: Side, row: Row| match &prepared.columns.side(side).fields[field] {
            Column::Text(texts) => texts.get(row).map(str::to_owned),
            _ => None,
        };
        let mut expected = BTreeSet::new();
        let mut look = |left: Row, right: Row| {
            if payee(Side::Left, left) != payee(Side::Right, right) {
                expected.insert((u64::from(left), u64::from(right)));
            }
        };
        for pair in found.pairs.iter().filter(|pair| pair.span == Span::Across) {
            look(pair.left, pair.right);
        }
        for group in found.groups.iter() {
            let (left, right) = (group.on(Side::Left), group.on(Side::Right));
            if left.len() == 1 || right.len() == 1 {
                for left in left {
                    for right in right {
                        look(*left, *right);
                    }
                }
            }
        }
        let (plan, columns) = (Arc::new(prepared.plan.clone()), Arc::new(prepared.columns.clone()));
        let outcome = Outcome::new(plan, columns, found).map_err(|error| error.to_string())?;
        let table = outcome.differences().map_err(|error| error.to_string())?;
        let rows = |name: &str| table[name].as_primitive::<UInt64Type>().values().to_vec();
        let names = table["field"].as_dictionary::<Int16Type>();
        let of_payee = |at: &usize| {
            let name = names.keys().value(*at);
            names.values().as_string::<i32>().value(usize::try_from(name).unwrap()) == "payee"
        };
        let (left, right) = (rows("left_row"), rows("right_row"));
        let found: BTreeSet<_> =
            (0..table.num_rows()).filter(of_payee).map(|at| (left[at], right[at])).collect();
        if found == expected { Ok(()) } else { Err(format!("{found:?}, expected {expected:?}")) }
    });
}

#[test]
fn permuting_rows_permutes_the_outcome() {
    always(|case| {
        let Some((prepared, whole)) = found(case) else { return Ok(()) };
        let seed = case.sides[0].len() + 31 * case.sides[1].len();
        let (permuted, _) = case.permuted(&mut Random::new(u64::try_from(seed).unwrap_or(0)));
        let Some((other_prepared, other)) = found(&permuted) else {
            return Err("refused when permuted".to_owned());
        };
        let (mut one, mut two) = (figures(&prepared, &whole, false), figures(&other_prepared, &other, false));
        one.extend(alternatives(&prepared, &whole)?);
        two.extend(alternatives(&other_prepared, &other)?);
        if one == two { Ok(()) } else { Err(format!("{one:#?}\n{two:#?}")) }
    });
}

/// The alternatives of an outcome by twins instead of rows, sorted; checked against the decisions on the way.
fn alternatives(prepared: &Prepared, found: &Found) -> Result<Vec<String>, String> {
    let (plan, columns) = (Arc::new(prepared.plan.clone()), Arc::new(prepared.columns.clone()));
    let outcome = Outcome::new(plan, columns, found.clone()).map_err(|error| error.to_string())?;
    let table = outcome.alternatives().map_err(|error| error.to_string())?;
    let numbers = |name: &str| table[name].as_primitive::<UInt64Type>().values().to_vec();
    let (ids, rows, optimal) = (numbers("group_id"), numbers("row"), table["optimal"].as_boolean());
    let ranks = table["rank"].as_primitive::<UInt32Type>().values();
    let sides = table["side"].as_dictionary::<Int8Type>().keys();
    let id = |pair: &Pair| match pair.span {
        Span::WithinRight => 2 * u64::from(pair.left.min(pair.right)) + 1,
        Span::WithinLeft => 2 * u64::from(pair.left.min(pair.right)),
        Span::Across => 2 * u64::from(pair.left),
    };
    let mut all = Vec::new();
    let paired = |pair: &&Pair| prepared.plan.passes[usize::from(pair.pass)].grouping == Grouping::Pairs;
    for pair in outcome.pairs_rows().iter().filter(paired) {
        let mut first = true;
        for at in (0..ids.len()).filter(|at| ids[*at] == id(pair)) {
            let side = if sides.value(at) == 0 { Side::Left } else { Side::Right };
            let row = Row::try_from(rows[at]).map_err(|error| error.to_string())?;
            let ends = pair.members().map(|(side, row)| twin(prepared, side, row));
            let (rank, best) = (ranks[at], optimal.value(at));
            all.push(format!("alternative {rank} {best} {} of {ends:?}", twin(prepared, side, row)));
            let tied = pair.ambiguity == Ambiguity::Ambiguous
                && prepared.plan.passes[usize::from(pair.pass)].margin == 0;
            if std::mem::take(&mut first) && tied && !best {
                return Err(format!("{pair:?} is tied, and no other optimal answer is told"));
            }
        }
        if first && pair.ambiguity == Ambiguity::Ambiguous && pair.regret == 0 {
            return Err(format!("{pair:?} is ambiguous, and has no alternative"));
        }
    }
    all.sort();
    Ok(all)
}

#[test]
fn the_mirrored_request_gives_the_mirrored_outcome() {
    always(|case| {
        if case.spec.one_source {
            // Its own mirror image.
            return Ok(());
        }
        let Some((prepared, whole)) = found(case) else { return Ok(()) };
        let [left, right] = case.batches();
        let spec = case.spec.mirrored();
        let mirror = run::prepare_batches(&spec, [&[right], &[left]]).map_err(|error| error.to_string())?;
        let mirrored = mirror.run().map_err(|error| error.to_string())?;
        // A pick among ties may differ, and with it what later passes see.
        let picked = |found: &Found| {
            let verdicts = found.pairs.iter().map(Pair::verdict);
            let mut verdicts = verdicts.chain(found.groups.iter().map(|group| group.verdict));
            verdicts.any(|verdict| {
                verdict.ambiguity == Ambiguity::Ambiguous
                    && prepared.plan.passes[usize::from(verdict.pass)].ambiguous != Ambiguous::Leave
            })
        };
        if picked(&whole) && picked(&mirrored) {
            return Ok(());
        }
        let (one, other) = (figures(&prepared, &whole, false), figures(&mirror, &mirrored, true));
        if one == other { Ok(()) } else { Err(format!("{one:#?}\n{other:#?}")) }
    });
}

/// The records of every group of a status, with the pass.
fn grouped(prepared: &Prepared, found: &Found, status: Status) -> BTreeSet<(String, BTreeSet<(Side, Row)>)> {
    let name = |pass: u16| prepared.plan.passes[usize::from(pass)].name.clone();
    let pairs = found.pairs.iter().filter(|pair| pair.status == status);
    let pairs = pairs.map(|pair| (name(pair.pass), pair.members().into_iter().collect()));
    let groups = found.groups.iter().filter(|group| group.verdict.status == status);
    pairs.chain(groups.map(|group| (name(group.verdict.pass), group.members().collect()))).collect()
}

/// Rows as decisions name them.
fn rows(members: &BTreeSet<(Side, Row)>, side: Side) -> Vec<RecordName> {
    let of = members.iter().filter(|member| member.0 == side);
    of.map(|(_, row)| RecordName { row: Some(u64::from(*row)), ..RecordName::default() }).collect()
}

#[test]
fn accepting_all_that_is_proposed_changes_no_other_group() {
    always(|case| {
        // A tie that was left, or picked among, may be settled by what is accepted; and a record whose twin is gone
        // is looked at by a margin.
        let settled = |pass: &PassSpec| pass.ambiguous != Ambiguous::Propose || pass.margin.is_some();
        let undecided = case.spec.passes.iter().any(settled);
        let decided = case.spec.decisions != DecisionsSpec::default();
        let Some((prepared, before)) = found(case).filter(|_| !undecided && !decided) else { return Ok(()) };
        if !before.parts.is_empty() {
            // What is not reached is taken as one without what was accepted.
            return Ok(());
        }
        let proposed = grouped(&prepared, &before, Status::Proposed);
        let accept = |(_, members): &(String, BTreeSet<(Side, Row)>)| DecisionSpec {
            label: None,
            kind: DecisionKind::Accept,
            left: rows(members, Side::Left),
            right: rows(members, Side::Right),
        };
        let mut again = case.clone();
        again.spec.decisions = DecisionsSpec::Listed(proposed.iter().map(accept).collect());
        let Some((prepared_again, after)) = found(&again) else { return Err("refused".to_owned()) };
        let mut expected = grouped(&prepared, &before, Status::Matched);
        expected.extend(proposed.into_iter().map(|(_, members)| ("decision".to_owned(), members)));
        let matched = grouped(&prepared_again, &after, Status::Matched);
        let still = grouped(&prepared_again, &after, Status::Proposed);
        if matched == expected && still.is_empty() {
            return Ok(());
        }
        Err(format!("expected {expected:#?}, found {matched:#?} and {still:#?}"))
    });
}

#[test]
fn outcomes_with_decisions_tie_out() {
    always(|case| {
        let Some((prepared, found)) = found(case) else { return Ok(()) };
        let Prepared { plan, columns } = prepared;
        let outcome =
            Outcome::new(Arc::new(plan), Arc::new(columns), found).map_err(|error| error.to_string())?;
        for name in outcome::TABLES {
            outcome.table(name).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(())
    });
}
