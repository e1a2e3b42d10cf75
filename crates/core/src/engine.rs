//! Schedules the stages: whole, threaded, or one partition of many. There is one engine: every way to run calls the
//! same functions on the same state, and partial results merge by concatenation.

use crate::breaks::{self, Passed};
use crate::bundles::Bundled;
use crate::candidates::blocks::KeyColumns;
use crate::columns::{Column, Columns, Row, SideColumns};
use crate::control::{Control, Stage};
use crate::error::Result;
use crate::fineness;
use crate::outcome::{Found, Groups, Note, Pair, Part, PassWork, Span};
use crate::plan::{Grouping, KeyPlan, PassPlan, Plan, Side};
use crate::resolve::cluster;
use crate::resolve::lookup;
use crate::resolve::one_to_one::{PassContext, PassFound};
use crate::resolve::singles::{self, Slots};
use rayon::prelude::*;

/// What the passes found in some records: all of a run, or one partition. Rows are those of the prepared columns.
#[derive(Debug, Clone, Default)]
pub struct Partial {
    /// Pairs, in no particular order.
    pub pairs: Vec<Pair>,
    /// Groups of more records, in no particular order.
    pub groups: Groups,
    /// Records that groups take in part, in no particular order.
    pub parts: Vec<Part>,
    /// Notes about records that some pass left open, by side, in no particular order.
    pub notes: [Vec<Note>; 2],
    /// Records that no pass put in a group, by side.
    pub open: [Vec<Row>; 2],
    /// Work per pass.
    pub work: Vec<PassWork>,
}

impl Partial {
    /// Adds pairs in any order; the fewer are copied.
    fn take_pairs(&mut self, mut pairs: Vec<Pair>) {
        if self.pairs.len() < pairs.len() {
            std::mem::swap(&mut self.pairs, &mut pairs);
        }
        self.pairs.append(&mut pairs);
    }

    /// Takes what a pass found: its records are no longer open.
    fn take(&mut self, columns: &Columns, pairs: Vec<Pair>, groups: Groups, notes: [Vec<Note>; 2]) {
        close(self, columns, &pairs, &groups);
        self.take_pairs(pairs);
        self.groups.append(groups);
        for (all, mut new) in self.notes.iter_mut().zip(notes) {
            all.append(&mut new);
        }
    }

    /// Adds what another partition found. Associative; the order does not matter to [`finish`].
    pub fn merge(&mut self, mut other: Self) {
        self.pairs.append(&mut other.pairs);
        self.groups.append(other.groups);
        self.parts.append(&mut other.parts);
        for side in 0..2 {
            self.notes[side].append(&mut other.notes[side]);
            self.open[side].append(&mut other.open[side]);
        }
        self.work.resize(self.work.len().max(other.work.len()), PassWork::default());
        for (mine, theirs) in self.work.iter_mut().zip(&other.work) {
            mine.merge(theirs);
        }
    }
}

/// Runs a plan over prepared columns, on rayon's current pool.
///
/// # Errors
/// A tolerance finer than the run's scale, a memory limit, cancellation.
pub fn run(plan: &Plan, columns: &Columns, control: &Control) -> Result<Found> {
    let everything = [all_rows(columns.side(Side::Left)), all_rows(columns.side(Side::Right))];
    let partial = run_part(plan, columns, everything, control)?;
    finish(plan, columns, partial, control)
}

/// The records that passes look at: those that take part and that no decision put in a group.
pub(crate) fn all_rows(side: &SideColumns) -> Vec<Row> {
    let mut rows = taking_part(side);
    if side.held.is_some() {
        rows.retain(|row| !side.is_held(*row));
    }
    rows
}

/// The records that take part, whether a decision put them in a group or not.
pub(crate) fn taking_part(side: &SideColumns) -> Vec<Row> {
    if side.excluded.is_none() && side.unreadable.is_none() {
        return (0..side.rows).collect();
    }
    (0..side.rows).filter(|row| side.takes_part(*row)).collect()
}

/// Splits the records that take part into partitions that no candidate crosses: by the key expressions that all
/// passes share. Without one there is a single partition.
#[must_use]
pub fn partition(plan: &Plan, columns: &Columns, parts: usize) -> Vec<[Vec<Row>; 2]> {
    let shared = shared_key(plan);
    let parts = if shared.is_empty() { 1 } else { parts.max(1) };
    let mut all = vec![[Vec::new(), Vec::new()]; parts];
    for side in Side::BOTH {
        let rows = all_rows(columns.side(side));
        let mut hashes = vec![0; rows.len()];
        for key in &shared {
            let field = if side == Side::Left { key.left } else { key.right };
            if let Some(column) = columns.side(side).fields.get(field) {
                column.fold_hashes(&rows, &mut hashes);
            }
        }
        for (row, hash) in rows.into_iter().zip(hashes) {
            let part = usize::try_from(hash % parts as u64).unwrap_or(0);
            all[part][side.index()].push(row);
        }
    }
    all
}

/// The equalities that every pass has in its key. Those of a `same_side` pass hold for both sides.
fn shared_key(plan: &Plan) -> Vec<KeyPlan> {
    let passes: Vec<&PassPlan> = plan.passes.iter().filter(|pass| pass.searches()).collect();
    let Some((first, rest)) = passes.split_first() else { return Vec::new() };
    let has = |pass: &PassPlan, key: &KeyPlan| {
        pass.key.iter().any(|other| other.left == key.left && other.right == key.right)
    };
    first.key.iter().filter(|key| rest.iter().all(|pass| has(pass, key))).copied().collect()
}

/// Runs all passes over some records.
///
/// # Errors
/// As [`run`].
pub fn run_part(plan: &Plan, columns: &Columns, rows: [Vec<Row>; 2], control: &Control) -> Result<Partial> {
    fineness::check(plan, columns.scale)?;
    let mut partial = Partial { open: rows, ..Partial::default() };
    for (index, pass) in plan.passes.iter().enumerate() {
        if !pass.searches() {
            partial.work.push(PassWork::default());
            continue;
        }
        let stage = u16::try_from(index).unwrap_or(u16::MAX);
        control.stage(Stage::Pass(stage), || run_pass(plan, columns, stage, (&mut partial, control)))?;
    }
    Ok(partial)
}

/// Runs one pass over what is open.
fn run_pass(
    plan: &Plan,
    columns: &Columns,
    index: u16,
    (partial, control): (&mut Partial, &Control),
) -> Result<()> {
    let Some(pass) = plan.passes.get(usize::from(index)) else { return Ok(()) };
    let entered = [partial.open[0].len() as u64, partial.open[1].len() as u64];
    let mut work = match &pass.grouping {
        Grouping::Pairs if pass.is_across() => pair_across(plan, columns, index, (partial, control)),
        Grouping::Pairs => net(plan, columns, index, (partial, control)),
        Grouping::Bundles(_) => match_bundles(plan, columns, index, (partial, control)),
        Grouping::Lookup => look_up(plan, columns, index, (partial, control)),
        Grouping::Cluster => cluster(plan, columns, index, (partial, control)),
        Grouping::Decided => Ok(PassWork::default()),
    }?;
    work.entered = entered;
    partial.work.push(work);
    Ok(())
}

/// A pass of pairs across both sides.
fn pair_across(
    plan: &Plan,
    columns: &Columns,
    index: u16,
    (partial, control): (&mut Partial, &Control),
) -> Result<PassWork> {
    let sides = Side::BOTH.map(|side| columns.side(side));
    let bound = PassContext::bind(plan, index, Span::Across, (sides, columns.scale), &control.cancel)?;
    let Some(context) = bound else { return Ok(PassWork::default()) };
    let found = search(&context, sides, [&partial.open[0], &partial.open[1]], control)?;
    let PassFound { pairs, notes, work } = found;
    partial.take(columns, pairs, Groups::default(), notes);
    Ok(work)
}

/// A pass that nets records inside each source.
fn net(
    plan: &Plan,
    columns: &Columns,
    index: u16,
    (partial, control): (&mut Partial, &Control),
) -> Result<PassWork> {
    let mut work = PassWork::default();
    for (side, span) in [(Side::Left, Span::WithinLeft), (Side::Right, Span::WithinRight)] {
        let records = [columns.side(side); 2];
        let bound = PassContext::bind(plan, index, span, (records, columns.scale), &control.cancel)?;
        let Some(context) = bound else { continue };
        let (positive, negative) = by_sign(context.pass, records[0], &partial.open[side.index()]);
        let found = search(&context, records, [&positive, &negative], control)?;
        work.merge(&found.work);
        let mut notes = [Vec::new(), Vec::new()];
        found.notes.into_iter().for_each(|mut new| notes[side.index()].append(&mut new));
        partial.take(columns, found.pairs, Groups::default(), notes);
    }
    Ok(work)
}

/// A pass that takes records as one and pairs those.
fn match_bundles(
    plan: &Plan,
    columns: &Columns,
    index: u16,
    (partial, control): (&mut Partial, &Control),
) -> Result<PassWork> {
    let Some(pass) = plan.passes.get(usize::from(index)) else { return Ok(PassWork::default()) };
    let bundled = Bundled::of(plan, pass, columns, [&partial.open[0], &partial.open[1]], control)?;
    let bound = PassContext::bind_bundled(plan, index, (columns, &bundled), &control.cancel)?;
    let Some(context) = bound else { return Ok(PassWork::default()) };
    let mut found = search(&context, bundled.sides(), [&bundled.rows[0], &bundled.rows[1]], control)?;
    let work = std::mem::take(&mut found.work);
    let mut told = bundled.told((plan, index), columns, found)?;
    partial.parts.append(&mut told.parts);
    partial.take(columns, told.pairs, told.groups, told.notes);
    Ok(work)
}

/// A pass in which each of many goes to its best.
fn look_up(
    plan: &Plan,
    columns: &Columns,
    index: u16,
    (partial, control): (&mut Partial, &Control),
) -> Result<PassWork> {
    let sides = Side::BOTH.map(|side| columns.side(side));
    let bound = PassContext::bind(plan, index, Span::Across, (sides, columns.scale), &control.cancel)?;
    let Some(context) = bound else { return Ok(PassWork::default()) };
    let many = if context.pass.cardinality.has_many(Side::Left) { Side::Left } else { Side::Right };
    let rows = [&partial.open[0], &partial.open[1]];
    let found = lookup::look_up(&context, (sides, many), rows, &columns.decisions, control)?;
    partial.take(columns, found.pairs, found.groups, found.notes);
    Ok(found.work)
}

/// A pass that puts near records of the only source together.
fn cluster(
    plan: &Plan,
    columns: &Columns,
    index: u16,
    (partial, control): (&mut Partial, &Control),
) -> Result<PassWork> {
    let source = columns.side(Side::Left);
    let bound =
        PassContext::bind(plan, index, Span::WithinLeft, ([source; 2], columns.scale), &control.cancel)?;
    let Some(context) = bound else { return Ok(PassWork::default()) };
    let found = cluster::cluster(&context, source, &partial.open[0], &columns.decisions, control)?;
    partial.take(columns, found.pairs, found.groups, [found.notes, Vec::new()]);
    Ok(found.work)
}

/// The records of a side with positive and with negative amounts; zeros and nulls take no part.
pub(crate) fn by_sign(pass: &PassPlan, side: &SideColumns, rows: &[Row]) -> (Vec<Row>, Vec<Row>) {
    let amounts = pass.variance.and_then(|variance| side.fields.get(variance.left));
    let Some(Column::Amount(amounts)) = amounts else { return (Vec::new(), Vec::new()) };
    let signed = |positive: bool| {
        rows.iter()
            .copied()
            .filter(|row| {
                amounts.get(*row).is_some_and(|amount| if positive { amount > 0 } else { amount < 0 })
            })
            .collect()
    };
    (signed(true), signed(false))
}

/// Searches the blocks of a pass among some records.
fn search(
    context: &PassContext<'_>,
    sides: [&SideColumns; 2],
    rows: [&Vec<Row>; 2],
    control: &Control,
) -> Result<PassFound> {
    let mut all = PassFound::default();
    if rows[0].is_empty() || rows[1].is_empty() {
        return Ok(all);
    }
    let keys = [key_columns(context.pass, sides[0], 0), key_columns(context.pass, sides[1], 1)];
    // Without a key there is one block, and no single to have a slot.
    let slots = if context.pass.key.is_empty() {
        Slots::default()
    } else {
        Slots::new(rows[0].len(), sides[0].rows as usize, !context.pass.is_of_key_alone())
    };
    let (sinks, _held) = context.blocks(&keys, rows, control, || context.sink(&slots))?;
    let (mut sparse, mut barred) = (Vec::new(), Vec::new());
    for sink in sinks {
        let (found, mut singles, mut rejected) = sink.into_parts();
        all.append(found);
        sparse.append(&mut singles);
        barred.append(&mut rejected);
    }
    singles::note_barred(context, &keys, barred, &mut all);
    singles::settle(context, &keys, &slots, sparse, &mut all)?;
    Ok(all)
}

pub(crate) fn key_columns<'a>(pass: &PassPlan, side: &'a SideColumns, at: usize) -> KeyColumns<'a> {
    const NOTHING: Column = Column::Absent;
    let column = |key: &KeyPlan| {
        let field = if at == 0 { key.left } else { key.right };
        (side.fields.get(field).unwrap_or(&NOTHING), key.nulls_equal)
    };
    KeyColumns { columns: pass.key.iter().map(column).collect() }
}

/// Takes the records of new pairs and groups off the open ones.
fn close(partial: &mut Partial, columns: &Columns, pairs: &[Pair], groups: &Groups) {
    if pairs.is_empty() && groups.is_empty() {
        return;
    }
    partial.open.par_iter_mut().zip(Side::BOTH).for_each(|(open, side)| {
        let mut closed = vec![false; columns.side(side).rows as usize];
        for pair in pairs {
            let [first, second] = pair.span.sides();
            if first == side {
                closed[pair.left as usize] = true;
            }
            if second == side {
                closed[pair.right as usize] = true;
            }
        }
        for row in groups.iter().flat_map(|group| group.on(side)) {
            closed[*row as usize] = true;
        }
        open.retain(|row| !closed[*row as usize]);
    });
}

/// Orders pairs by span and left row. The pairs of a pass's singles ascend already, and they are most: the others
/// are sorted and merged in from behind, so that nothing is moved twice.
fn sort_pairs(pairs: &mut [Pair]) {
    let place = |pair: &Pair| (pair.span, pair.left);
    let ascending = pairs.windows(2).position(|two| place(&two[0]) > place(&two[1]));
    let Some(run) = ascending.map(|last| last + 1) else { return };
    if pairs.len() - run > run / 8 {
        pairs.par_sort_by_key(place);
        return;
    }
    let mut rest = pairs[run..].to_vec();
    rest.par_sort_by_key(place);
    let (mut end, mut from) = (pairs.len(), run);
    while let Some(last) = rest.last() {
        end -= 1;
        if from > 0 && place(&pairs[from - 1]) > place(last) {
            from -= 1;
            pairs[end] = pairs[from];
        } else {
            pairs[end] = *last;
            rest.pop();
        }
    }
}

/// Adds the groups that persons made. They belong to no partition: their records may differ in any key.
fn add_decided(plan: &Plan, columns: &Columns, partial: &mut Partial) {
    if columns.decisions.all.is_empty() {
        return;
    }
    let (pairs, groups) = columns.decisions.groups(plan, columns);
    partial.pairs.extend(pairs);
    partial.groups.append(groups);
    if let Some(work) = partial.work.first_mut() {
        work.entered = Side::BOTH.map(|side| {
            let source = columns.side(side);
            (0..source.rows).filter(|row| source.takes_part(*row)).count() as u64
        });
    }
}

/// Sorts what all partitions found and says why each open record is open.
///
/// # Errors
/// Cancellation.
pub fn finish(plan: &Plan, columns: &Columns, mut partial: Partial, control: &Control) -> Result<Found> {
    control.stage(Stage::Breaks, || {
        add_decided(plan, columns, &mut partial);
        sort_pairs(&mut partial.pairs);
        partial.groups.sort();
        partial.parts.sort_unstable();
        let passed = Passed { pairs: &partial.pairs, open: &partial.open, notes: &partial.notes };
        let explained = breaks::explain(plan, columns, passed, control)?;
        for (work, cut) in partial.work.iter_mut().zip(explained.cut) {
            work.nearest_cut = cut;
        }
        Ok(Found {
            pairs: partial.pairs,
            groups: partial.groups,
            breaks: explained.breaks,
            work: partial.work,
            parts: partial.parts,
            formulas: explained.formulas,
        })
    })
}
