//! What a run would look at, counted before it runs: a hot key or a loose tolerance is seen here, not waited for.
//!
//! The engine's own blocks and limiters, without comparing and resolving. Every pass is counted as if no earlier
//! one had matched anything: what a run looks at in it is at most that.

use crate::bundles::Bundled;
use crate::candidates::blocks::{self, BlockSink, KeyColumns};
use crate::candidates::classes::Classes;
use crate::candidates::limiter::Limiter;
use crate::candidates::neighbours::{Most, Neighbours};
use crate::columns::{Canon, Columns, Row, SideColumns};
use crate::control::Control;
use crate::engine::{all_rows, by_sign, key_columns};
use crate::error::Result;
use crate::limits::Limits;
use crate::outcome::{cell_text, grouped};
use crate::plan::{Grouping, PassPlan, Plan, Side};
use serde::Serialize;
use std::cmp::Reverse;
use std::fmt;

mod marks;
mod memory;

pub use memory::MemoryEstimate;

use marks::{Marks, mark_block};
use memory::{BlockBytes, PassBytes};

/// Largest blocks that a survey names, per pass.
const LARGEST_MAX: usize = 3;
/// Characters that are shown of a key's value.
const SHOWN_CHARS_MAX: usize = 200;

/// What the passes of a plan would look at. Its text is for people, its serde form for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Survey {
    /// Names of the sources: left, right; or of the only one.
    pub sources: Vec<String>,
    /// Records of each source that take part: neither excluded nor unreadable.
    pub records: [u64; 2],
    /// Records of each source that `where` leaves out.
    pub excluded: [u64; 2],
    /// Records of each source whose amount or id can't be read, and rows that are none.
    pub unreadable: [u64; 2],
    /// Of those that take part, records that some pass leaves a record to be compared with; the others will be open.
    pub covered: [u64; 2],
    /// The passes in order; a `same_side` pass once for each source it runs in.
    pub passes: Vec<PassSurvey>,
    /// What a run takes at most.
    pub memory: MemoryEstimate,
}

/// What one pass would look at with every record still open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PassSurvey {
    /// Its name.
    pub name: String,
    /// The source that a `same_side` pass runs in; `None` for one between both.
    pub inside: Option<String>,
    /// Fields whose equality makes a block; `left = right` where the names differ. Empty: all records are one block.
    pub key: Vec<String>,
    /// Whether records are taken as one by `group_by`: what is called records here are these groups then.
    pub grouped: bool,
    /// Records the pass begins with: left and right, or positive and negative inside one source.
    pub records: [u64; 2],
    /// Of these, records in a block that has records on both sides.
    pub with_partner: [u64; 2],
    /// Of these, records that the limiting condition leaves a record of the other side to be compared with.
    pub covered: [u64; 2],
    /// Blocks that have records on both sides.
    pub blocks: u64,
    /// Left × right records of all blocks: the pairs that agree on the key.
    pub pairs: u64,
    /// Pairs that the limiting condition leaves to be compared, equal records counted once: an estimate from above
    /// of the candidates.
    pub comparisons: u64,
    /// The blocks with the most pairs, largest first.
    pub largest: Vec<BlockSurvey>,
}

/// A block: the records of both sides that agree on a pass's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BlockSurvey {
    /// The values of the key, in its order; `None` is a null that equals nulls.
    pub key: Vec<Option<String>>,
    /// Records: left and right, or positive and negative inside one source.
    pub records: [u64; 2],
    /// Pairs of it that the limiting condition leaves to be compared.
    pub comparisons: u64,
}

/// Records that can't be read and are not left out either.
fn unreadable(side: &SideColumns) -> u64 {
    let excluded = |row: usize| side.excluded.as_ref().is_some_and(|bits| bits.value(row));
    let bits = side.unreadable.iter().flat_map(|bits| bits.set_indices());
    bits.filter(|row| !excluded(*row)).count() as u64
}

/// Counts what every pass would look at, on rayon's current pool.
///
/// Cost: per pass one join of all records on its key; in blocks of several records, what the limiting condition
/// takes to index them. No pair is compared.
///
/// # Errors
/// As [`engine::run`](crate::engine::run).
pub fn survey(plan: &Plan, columns: &Columns, control: &Control) -> Result<Survey> {
    crate::fineness::check(plan, columns.scale)?;
    let sides = Side::BOTH.map(|side| columns.side(side));
    let rows = sides.map(all_rows);
    let mut survey = Survey {
        sources: plan.sides().map(|side| plan.names[side.index()].clone()).collect(),
        records: [rows[0].len() as u64, rows[1].len() as u64],
        excluded: sides.map(|side| side.excluded.as_ref().map_or(0, |bits| bits.count_set_bits() as u64)),
        unreadable: sides.map(unreadable),
        covered: [0; 2],
        passes: Vec::new(),
        memory: MemoryEstimate::default(),
    };
    let covered = sides.map(|side| Marks::new(side.rows));
    let mut bytes = PassBytes::default();
    for pass in plan.passes.iter().filter(|pass| pass.searches()) {
        if pass.bundles().is_some() {
            let bundled = Bundled::of(plan, pass, columns, [&rows[0], &rows[1]], control)?;
            let scope = Scope { plan, pass, sides: bundled.sides(), scale: columns.scale, control };
            let of_bundles = scope.sides.map(|side| Marks::new(side.rows));
            let rows = [bundled.rows[0].as_slice(), bundled.rows[1].as_slice()];
            let count = scope.count(rows, &of_bundles)?;
            bytes.note(rows.map(<[Row]>::len), !pass.key.is_empty(), &count.candidates);
            for side in Side::BOTH {
                let marked =
                    rows[side.index()].iter().filter(|row| of_bundles[side.index()].is_marked(**row));
                let members = marked.flat_map(|row| bundled.members.of(side, row));
                members.for_each(|row| covered[side.index()].mark(*row));
            }
            survey.passes.push(scope.told(None, rows, &count, &of_bundles));
            continue;
        }
        let mut passing = |inside, of: [Side; 2], rows: [&[Row]; 2]| -> Result<()> {
            let sides = of.map(|side| sides[side.index()]);
            let scope = Scope { plan, pass, sides, scale: columns.scale, control };
            let marks = sides.map(|side| Marks::new(side.rows));
            let count = scope.count(rows, &marks)?;
            bytes.note(rows.map(<[Row]>::len), !pass.key.is_empty(), &count.candidates);
            of.iter().zip(&marks).for_each(|(side, marks)| covered[side.index()].merge(marks));
            survey.passes.push(scope.told(inside, rows, &count, &marks));
            Ok(())
        };
        if pass.is_across() {
            passing(None, Side::BOTH, [&rows[0], &rows[1]])?;
            continue;
        }
        if pass.grouping == Grouping::Cluster {
            passing(Some(plan.names[0].clone()), [Side::Left; 2], [&rows[0]; 2])?;
            continue;
        }
        for side in Side::BOTH {
            let (positive, negative) = by_sign(pass, sides[side.index()], &rows[side.index()]);
            if !positive.is_empty() || !negative.is_empty() {
                let name = plan.names[side.index()].clone();
                passing(Some(name), [side, side], [&positive, &negative])?;
            }
        }
    }
    survey.covered = covered.each_ref().map(Marks::count);
    survey.memory = bytes.estimate(plan, columns, control);
    Ok(survey)
}

/// A pass and what it works on.
struct Scope<'a> {
    plan: &'a Plan,
    pass: &'a PassPlan,
    sides: [&'a SideColumns; 2],
    scale: u8,
    control: &'a Control,
}

impl Scope<'_> {
    fn keys(&self) -> [KeyColumns<'_>; 2] {
        [key_columns(self.pass, self.sides[0], 0), key_columns(self.pass, self.sides[1], 1)]
    }

    /// Counts what the pass would look at, and marks who has somebody to be compared with.
    fn count(&self, rows: [&[Row]; 2], marks: &[Marks; 2]) -> Result<Count> {
        let [left, right] = self.sides;
        let keys = self.keys();
        let counter = Counter {
            canon: [Canon::new(self.plan, left), Canon::new(self.plan, right)],
            limiter: Limiter::bind(self.pass, left, right, self.scale)?,
            limits: &self.plan.limits,
            control: self.control,
            keys: &keys,
            marks,
            clusters: self.pass.grouping == Grouping::Cluster,
        };
        let mut all = Count::default();
        if rows.iter().any(|rows| rows.is_empty()) {
            // Nothing meets.
        } else if self.pass.key.is_empty() {
            let mut sink = Sink { counter: &counter, count: Count::default() };
            sink.several(&mut rows[0].to_vec(), &mut rows[1].to_vec())?;
            all = sink.count;
        } else {
            let what = format!("joining the keys of pass \"{}\"", self.pass.name);
            let bytes = blocks::join_bytes(rows[0].len(), rows[1].len());
            let _held = self.control.memory.reserve(bytes, &what)?;
            let sink = || Sink { counter: &counter, count: Count::default() };
            let sides = [(&keys[0], rows[0]), (&keys[1], rows[1])];
            for sink in blocks::join(sides[0], sides[1], &self.control.cancel, sink)? {
                all.merge(sink.count);
            }
        }
        Ok(all)
    }

    fn told(&self, inside: Option<String>, rows: [&[Row]; 2], all: &Count, marks: &[Marks; 2]) -> PassSurvey {
        let keys = self.keys();
        PassSurvey {
            name: self.pass.name.clone(),
            inside,
            key: self.key_names(),
            grouped: self.pass.bundles().is_some(),
            records: rows.map(|rows| rows.len() as u64),
            with_partner: all.with_partner,
            covered: match marks.each_ref().map(Marks::count) {
                // Both sides are the only source.
                [covered, _] if self.pass.grouping == Grouping::Cluster => [covered, 0],
                covered => covered,
            },
            blocks: all.blocks,
            pairs: all.pairs,
            comparisons: all.comparisons,
            largest: all.largest.iter().map(|block| self.named(&keys[0], block)).collect(),
        }
    }

    fn key_names(&self) -> Vec<String> {
        let name = |field: usize| self.plan.fields.get(field).map_or("", |field| field.name.as_str());
        let keys = self.pass.key.iter().map(|key| match (name(key.left), name(key.right)) {
            (left, right) if left == right => left.to_owned(),
            (left, right) => format!("{left} = {right}"),
        });
        keys.collect()
    }

    fn named(&self, keys: &KeyColumns<'_>, block: &Large) -> BlockSurvey {
        let values = keys.columns.iter().map(|(column, _)| {
            cell_text(column, self.scale, block.first)
                .map(|text| text.chars().take(SHOWN_CHARS_MAX).collect())
        });
        BlockSurvey { key: values.collect(), records: block.records, comparisons: block.comparisons }
    }
}

/// A block that may be among the largest.
#[derive(Debug, Clone, Copy)]
struct Large {
    /// Its first left record.
    first: Row,
    /// Left and right; of an only source the left ones alone.
    records: [u64; 2],
    comparisons: u64,
}

impl Large {
    fn pairs(&self) -> u64 {
        match self.records {
            [records, 0] => records.saturating_mul(records.saturating_sub(1)) / 2,
            [left, right] => left.saturating_mul(right),
        }
    }

    /// Most pairs first; the first record makes the order the same on any number of threads.
    fn place(&self) -> (Reverse<u64>, Row) {
        (Reverse(self.pairs()), self.first)
    }
}

/// Mergeable counts of a pass.
#[derive(Debug, Default)]
struct Count {
    with_partner: [u64; 2],
    blocks: u64,
    pairs: u64,
    comparisons: u64,
    candidates: BlockBytes,
    largest: Vec<Large>,
}

impl Count {
    fn add(&mut self, block: Large) {
        self.blocks += 1;
        self.pairs = self.pairs.saturating_add(block.pairs());
        self.comparisons = self.comparisons.saturating_add(block.comparisons);
        for side in 0..2 {
            self.with_partner[side] += block.records[side];
        }
        self.note(block);
    }

    fn note(&mut self, block: Large) {
        let at = self.largest.partition_point(|other| other.place() < block.place());
        if at < LARGEST_MAX {
            self.largest.insert(at, block);
            self.largest.truncate(LARGEST_MAX);
        }
    }

    fn merge(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.pairs = self.pairs.saturating_add(other.pairs);
        self.comparisons = self.comparisons.saturating_add(other.comparisons);
        self.candidates.merge(other.candidates);
        for side in 0..2 {
            self.with_partner[side] += other.with_partner[side];
        }
        other.largest.into_iter().for_each(|block| self.note(block));
    }
}

/// What blocks are counted with.
struct Counter<'a> {
    canon: [Canon<'a>; 2],
    limiter: Limiter<'a>,
    limits: &'a Limits,
    control: &'a Control,
    keys: &'a [KeyColumns<'a>; 2],
    marks: &'a [Marks; 2],
    /// Both sides are the only source: each block is one of its own records.
    clusters: bool,
}

struct Sink<'a> {
    counter: &'a Counter<'a>,
    count: Count,
}

impl BlockSink for Sink<'_> {
    fn single(&mut self, left: Row, right: Row) {
        if self.counter.clusters {
            return;
        }
        let [a, b] = self.counter.keys;
        let agree = a.columns.iter().zip(&b.columns).all(|((a, _), (b, _))| a.same(left, b, right));
        if agree {
            self.count.add(Large { first: left, records: [1, 1], comparisons: 1 });
            self.counter.marks[0].mark(left);
            self.counter.marks[1].mark(right);
        }
    }

    fn several(&mut self, left: &mut [Row], right: &mut [Row]) -> Result<()> {
        let counter = self.counter;
        counter.control.cancel.check()?;
        let records = [left.len() as u64, if counter.clusters { 0 } else { right.len() as u64 }];
        let first = left.iter().min().copied().unwrap_or_default();
        let classes = [Classes::of(&counter.canon[0], left), Classes::of(&counter.canon[1], right)];
        let both = [&classes[0], &classes[1]];
        let (neighbours, _) =
            counter.limiter.neighbours(both, Most::of_pass(counter.limits), &counter.control.cancel)?;
        let comparisons = match looked_at(&neighbours, both) {
            // Every two are looked at from both, and each from itself.
            both_ways if counter.clusters => both_ways.saturating_sub(classes[0].len() as u64) / 2,
            comparisons => comparisons,
        };
        self.count.add(Large { first, records, comparisons });
        let nodes = classes.iter().map(|classes| classes.len() as u64).sum();
        self.count.candidates.add(nodes, comparisons, counter.limits.rivals_max);
        mark_block(&neighbours, both, counter.marks.each_ref(), counter.clusters);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Pairs of classes that are looked at for each other.
fn looked_at(neighbours: &Neighbours, classes: [&Classes; 2]) -> u64 {
    match neighbours {
        Neighbours::All => classes[0].len() as u64 * classes[1].len() as u64,
        Neighbours::Windows(windows) => windows[0].ranges.iter().map(|range| range.len() as u64).sum(),
        Neighbours::Lists(lists) => lists[0].items.len() as u64,
        Neighbours::Shared(shared) => shared.looked_at(),
    }
}

impl fmt::Display for Survey {
    /// Per pass: records with a partner, pairs, largest blocks. Ends with a line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = match (self.sources.as_slice(), self.records.map(grouped)) {
            ([left, right], [lefts, rights]) => format!("{lefts} records of {left} and {rights} of {right}"),
            (one, [records, _]) => format!("{records} records of {}", one.concat()),
        };
        let others = [(self.excluded, "left out by where"), (self.unreadable, "can't be read")];
        for (counts, why) in others {
            for (source, count) in self.sources.iter().zip(counts).filter(|(_, count)| *count > 0) {
                writeln!(f, "{} of {source} {why}", grouped(count))?;
            }
        }
        writeln!(f, "{all} take part. Were they all open in every pass:")?;
        for pass in &self.passes {
            pass.write(f, &self.sources)?;
        }
        let covered = self.sources.iter().zip(self.covered).zip(self.records);
        let covered = covered.map(|((source, part), whole)| {
            format!("{} of {} records of {source}{}", grouped(part), grouped(whole), share(part, whole))
        });
        let covered = covered.collect::<Vec<_>>().join(", ");
        writeln!(f, "\nSomebody to be compared with, in one pass at least: {covered}")?;
        self.memory.fmt(f)
    }
}

impl PassSurvey {
    fn write(&self, f: &mut fmt::Formatter<'_>, sources: &[String]) -> fmt::Result {
        let what = if self.grouped { "groups" } else { "records" };
        let of = match &self.inside {
            Some(source) if sources.len() > 1 => {
                vec![format!("{source} above zero"), format!("{source} below zero")]
            }
            _ => sources.to_vec(),
        };
        let sides = of.iter().enumerate();
        writeln!(f, "\n  {}", self.name)?;
        if !self.key.is_empty() {
            let with_partner = sides.clone().map(|(side, of)| {
                let (part, whole) = (self.with_partner[side], self.records[side]);
                format!("{} of {} {what} of {of}{}", grouped(part), grouped(whole), share(part, whole))
            });
            writeln!(f, "    with a partner by the key: {}", with_partner.collect::<Vec<_>>().join(", "))?;
        }
        if self.covered != self.with_partner {
            let covered = sides.map(|(side, of)| {
                let (part, whole) = (self.covered[side], self.records[side]);
                format!("{} of {of}{}", grouped(part), share(part, whole))
            });
            let covered = covered.collect::<Vec<_>>().join(", ");
            writeln!(f, "    with somebody to be compared with: {covered}")?;
        }
        let [pairs, blocks, comparisons] = [self.pairs, self.blocks, self.comparisons].map(grouped);
        if self.key.is_empty() {
            return writeln!(
                f,
                "    pairs to compare: {comparisons} of {pairs} (no equality: all records are one block)"
            );
        }
        writeln!(f, "    pairs to compare: {comparisons} of {pairs} that agree on the key")?;
        let large: Vec<_> = self.largest.iter().filter(|block| block.records != [1, 1]).collect();
        let then = match (self.blocks, large.len()) {
            (0, _) => "",
            (_, 0) => ", each with one record a side",
            _ => ", the largest",
        };
        writeln!(f, "    blocks: {blocks}{then}")?;
        for block in large {
            let values = self.key.iter().zip(&block.key).map(|(name, value)| match value {
                Some(value) => format!("{name} \"{value}\""),
                None => format!("{name} null"),
            });
            let values = values.collect::<Vec<_>>().join(", ");
            match block.records.map(grouped) {
                [lefts, _] if sources.len() == 1 => writeln!(f, "      {lefts}: {values}")?,
                [lefts, rights] => writeln!(f, "      {lefts} × {rights}: {values}")?,
            }
        }
        Ok(())
    }
}

/// A share as ` (12.3 %)`, to the nearest; nothing of nothing.
fn share(part: u64, whole: u64) -> String {
    // To the nearest, as the summary of a run.
    let tenths = (u128::from(part) * 2_000 + u128::from(whole)).checked_div(2 * u128::from(whole));
    tenths.map_or_else(String::new, |tenths| format!(" ({}.{} %)", tenths / 10, tenths % 10))
}

#[cfg(test)]
mod tests;
