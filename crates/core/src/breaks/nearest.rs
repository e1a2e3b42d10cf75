//! The nearest record of each open one: a pass less one requirement is searched among the open records as the pass
//! itself would be, and the best that is found has to be better than chance.
//!
//! Each record looks for itself. What is found depends on the open records alone, not on their order.

use super::block::{Block, PARALLEL_CLASSES};
use super::chance::{CHANCE_MAX, by_company, conditions_most, expected};
use super::frequency::{Counted, Frequency};
use super::relaxed::Relaxed;
use super::share::Apart;
use crate::candidates::blocks::{self, BlockSink, KeyColumns};
use crate::candidates::classes::Classes;
use crate::candidates::neighbours::Most;
use crate::columns::{Agreement, Canon, Columns, Row, row_of};
use crate::control::Control;
use crate::decisions::barred_from;
use crate::engine::key_columns;
use crate::error::Result;
use crate::plan::{Millionths, Plan, Side};
use rayon::prelude::*;

/// Findings that one thread judges at a time.
const JUDGED_ROWS: usize = 1 << 10;
/// Of so many records one is wanted, or fewer: then it pays to find out whom that concerns before they are joined.
const WANTED_PART_MIN: usize = 4;
/// Records whose keys are hashed at a time.
const CONCERNED_ROWS: usize = 1 << 12;

/// The nearest record of an open one: no coincidence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    /// The open record.
    pub(super) row: Row,
    /// The nearest, of the other side.
    pub(super) nearest: Row,
    /// How far apart they are in what is lacking.
    pub(super) share: Millionths,
    /// Records expected to come as near by chance.
    pub(super) by_chance: Millionths,
}

/// What was found for one record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Finding {
    /// The nearest record.
    Near(Near),
    /// Nothing, but not all were looked at.
    Cut(Row),
}

/// What is nearest to a record, evidence or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) row: Row,
    /// `None` where nothing was, but not all were looked at.
    pub(super) nearest: Option<Row>,
    pub(super) share: Millionths,
    /// Records that lack nothing else, as many as were looked at.
    pub(super) among: u32,
    /// Whether not all were looked at.
    pub(super) cut: bool,
}

/// Which open records of a side are looked for: by row.
pub(super) type Wanted = [Vec<bool>; 2];

/// The open records of both sides.
pub(super) struct Open<'a> {
    pub(super) plan: &'a Plan,
    pub(super) columns: &'a Columns,
    /// Ascending.
    pub(super) rows: [&'a [Row]; 2],
    pub(super) control: &'a Control,
}

impl Open<'_> {
    /// Looks for the nearest record of every wanted one, lacking this requirement; by side, in no particular order.
    pub(super) fn search(
        &self,
        relaxed: &Relaxed<'_>,
        wanted: &Wanted,
        frequency: &Frequency<'_>,
    ) -> Result<[Vec<Finding>; 2]> {
        let [left, right] = Side::BOTH.map(|side| self.columns.side(side));
        let keys = [key_columns(&relaxed.pass, left, 0), key_columns(&relaxed.pass, right, 1)];
        for (keys, rows) in keys.iter().zip(self.rows) {
            keys.number(rows.len(), &self.control.memory);
        }
        let looking = Looking {
            relaxed,
            wanted,
            canon: [Canon::new(self.plan, left), Canon::new(self.plan, right)],
            barred: [left, right].map(|side| side.barred.across.as_slice()),
            agreements: keys[0].agreements(&keys[1]),
            most: Most::of_nearest(&self.plan.limits),
            keys: &keys,
            counted: frequency.of_keys(&keys, relaxed),
            rows: self.rows,
            control: self.control,
        };
        let mut found = [Vec::new(), Vec::new()];
        for sink in looking.blocks()? {
            for (all, some) in found.iter_mut().zip(sink) {
                all.extend(some);
            }
        }
        Ok(found)
    }
}

/// Which hashes there may be among a few: a bit for each, by its first bits.
struct Seldom {
    bits: Vec<u64>,
    shift: u32,
}

impl Seldom {
    fn of(hashes: &[u64]) -> Self {
        let words = (hashes.len() / 4).next_power_of_two();
        let mut seldom = Self { bits: vec![0; words], shift: 64 - 6 - words.trailing_zeros() };
        for hash in hashes {
            let (word, bit) = seldom.place(*hash);
            seldom.bits[word] |= bit;
        }
        seldom
    }

    fn may_hold(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.bits[word] & bit != 0
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let place = hash >> self.shift;
        (usize::try_from(place >> 6).unwrap_or(0), 1 << (place & 63))
    }
}

/// A search under way.
pub(super) struct Looking<'a> {
    pub(super) relaxed: &'a Relaxed<'a>,
    wanted: &'a Wanted,
    pub(super) canon: [Canon<'a>; 2],
    /// Pairs that a decision bars, by left and by right record.
    barred: [&'a [(Row, Row)]; 2],
    /// When the keys of two records are equal.
    agreements: Vec<Agreement<'a>>,
    most: Most,
    keys: &'a [KeyColumns<'a>; 2],
    /// How common the keys are.
    counted: Counted<'a>,
    /// The open records.
    rows: [&'a [Row]; 2],
    pub(super) control: &'a Control,
}

type Found = [Vec<Finding>; 2];

impl Looking<'_> {
    fn blocks(&self) -> Result<Vec<Found>> {
        let sink =
            || Sink { looking: self, singles: Vec::new(), seen: Default::default(), found: Found::default() };
        if self.relaxed.pass.key.is_empty() {
            let mut sink = sink();
            sink.several(&mut self.rows[0].to_vec(), &mut self.rows[1].to_vec())?;
            sink.flush()?;
            return Ok(vec![sink.found]);
        }
        let concerned = self.concerned();
        let [left, right] = concerned.as_ref().map_or(self.rows, |[left, right]| [left, right]);
        let bytes = blocks::join_bytes(left.len(), right.len());
        let _held = self.control.memory.reserve(bytes, "looking for the nearest records")?;
        let sides = [(&self.keys[0], left), (&self.keys[1], right)];
        let sinks = blocks::join(sides[0], sides[1], &self.control.cancel, sink)?;
        Ok(sinks.into_iter().map(|sink| sink.found).collect())
    }

    /// The records of blocks in which one is wanted, and a few others; `None` where that is most of them. Whole blocks: who is
    /// looked at where not all are may depend on everybody in them.
    fn concerned(&self) -> Option<[Vec<Row>; 2]> {
        let all: usize = self.rows.iter().map(|rows| rows.len()).sum();
        let wanted = [0, 1].map(|side| {
            let rows = self.rows[side].iter().copied();
            rows.filter(|row| self.is_wanted(side, *row)).collect::<Vec<_>>()
        });
        let few: usize = wanted.iter().map(Vec::len).sum();
        if few * WANTED_PART_MIN > all {
            return None;
        }
        let looked_for = Seldom::of(&[0, 1].map(|side| self.keys[side].hashes(&wanted[side])).concat());
        let concerned = |side: usize| {
            let chunk = |rows: &[Row]| -> Vec<Row> {
                let hashed = rows.iter().copied().zip(self.keys[side].hashes(rows));
                hashed.filter(|(_, hash)| looked_for.may_hold(*hash)).map(|(row, _)| row).collect()
            };
            self.rows[side].par_chunks(CONCERNED_ROWS).flat_map_iter(chunk).collect()
        };
        Some([concerned(0), concerned(1)])
    }

    /// The sides of a block, of those wanted, for whose records something in it may be no coincidence: where so many agree
    /// in the key that whatever is near is one, nobody needs to be compared.
    fn hopeful(&self, classes: [&Classes; 2], wanted: [bool; 2]) -> [bool; 2] {
        let firsts = classes.map(|classes| (0..row_of(classes.len())).map(|class| classes.first(class)));
        let share = u128::from(self.relaxed.share_least(firsts));
        [0, 1].map(|side| {
            let others = self.rows[1 - side].len() as u128;
            let least = || {
                self.counted.least(self.relaxed, side, self.keys[side].hashes(&[classes[side].first(0)])[0])
            };
            wanted[side] && (share == 0 || expected(share, others, least()) <= CHANCE_MAX)
        })
    }

    /// What is no coincidence of what was seen.
    fn judge(&self, side: usize, seen: &[Seen]) -> Vec<Finding> {
        let rows: Vec<Row> = seen.iter().map(|seen| seen.row).collect();
        let hashes = self.keys[side].hashes(&rows);
        let judged = seen.iter().zip(hashes).filter_map(|(seen, hash)| {
            let row = seen.row;
            if let Some(nearest) = seen.nearest
                && let Some(by_chance) = self.evidence(side, (seen, hash), nearest)
            {
                return Some(Finding::Near(Near { row, nearest, share: seen.share, by_chance }));
            }
            seen.cut.then_some(Finding::Cut(row))
        });
        judged.collect()
    }

    /// share × max(m − 1, O × F) in millionths, rounded up: what coincidence is expected, where it is too little to be one.
    fn evidence(&self, side: usize, (seen, hash): (&Seen, u64), nearest: Row) -> Option<Millionths> {
        let (share, others) = (u128::from(seen.share), self.rows[1 - side].len() as u128);
        let among = by_company(share, seen.among);
        if among > CHANCE_MAX {
            return None;
        }
        let least = self.counted.at_least(self.relaxed, side, (seen.row, hash), nearest);
        // What is a coincidence whatever the conditions say needs no look at them.
        if expected(share, others, least) > CHANCE_MAX {
            return None;
        }
        let most = conditions_most(share, others, least.key);
        let frequent = self.counted.share_of(self.relaxed, side, (least, most), (seen.row, nearest));
        let by_chance = among.max(expected(share, others, frequent));
        Millionths::try_from(by_chance).ok().filter(|_| by_chance <= CHANCE_MAX)
    }

    /// Whether a person said that two records don't belong together.
    #[inline]
    pub(super) fn is_barred(&self, side: usize, row: Row, other: Row) -> bool {
        barred_from(self.barred[side], row).iter().any(|pair| pair.1 == other)
    }

    pub(super) fn is_wanted(&self, side: usize, row: Row) -> bool {
        self.wanted[side][row as usize]
    }
}

struct Sink<'a> {
    looking: &'a Looking<'a>,
    /// Pairs of which the hashes agree: their cells are compared together, each asked for ahead.
    singles: Vec<(Row, Row)>,
    /// Of the blocks since the last judgement.
    seen: [Vec<Seen>; 2],
    found: Found,
}

impl BlockSink for Sink<'_> {
    fn single(&mut self, left: Row, right: Row) {
        if self.looking.is_wanted(0, left) || self.looking.is_wanted(1, right) {
            self.singles.push((left, right));
        }
    }

    fn several(&mut self, left: &mut [Row], right: &mut [Row]) -> Result<()> {
        let looking = self.looking;
        looking.control.cancel.check()?;
        let any = |side: usize, rows: &[Row]| rows.iter().any(|row| looking.is_wanted(side, *row));
        let wanted = [any(0, left), any(1, right)];
        if wanted == [false, false] {
            return Ok(());
        }
        // Their order decides only between those that are equally near, and who is looked at where not all are.
        let unordered =
            [Classes::distinct(&looking.canon[0], left), Classes::distinct(&looking.canon[1], right)];
        if let [Some(lefts), Some(rights)] = &unordered
            && looking.look([lefts, rights], (wanted, false), &mut self.seen)?
        {
            return Ok(());
        }
        let classes = [Classes::of(&looking.canon[0], left), Classes::of(&looking.canon[1], right)];
        looking.look([&classes[0], &classes[1]], (wanted, true), &mut self.seen)?;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.look_at_singles();
        for (side, (seen, found)) in self.seen.iter_mut().zip(&mut self.found).enumerate() {
            let looking = self.looking;
            if seen.len() <= JUDGED_ROWS {
                found.extend(looking.judge(side, seen));
            } else {
                found
                    .par_extend(seen.par_chunks(JUDGED_ROWS).flat_map_iter(|seen| looking.judge(side, seen)));
            }
            seen.clear();
        }
        Ok(())
    }
}

impl Sink<'_> {
    fn look_at_singles(&mut self) {
        let looking = self.looking;
        let mut agree = vec![true; self.singles.len()];
        looking.agreements.iter().for_each(|cells| cells.check(&self.singles, &mut agree));
        for ((left, right), _) in self.singles.drain(..).zip(agree).filter(|(_, agree)| *agree) {
            if looking.is_barred(0, left, right) {
                continue;
            }
            let Some(Apart { share, .. }) = looking.relaxed.apart(left, right) else { continue };
            for (side, (row, nearest)) in [(left, right), (right, left)].into_iter().enumerate() {
                if looking.is_wanted(side, row) {
                    let nearest = Some(nearest);
                    self.seen[side].push(Seen { row, nearest, share, among: 1, cut: false });
                }
            }
        }
    }
}

impl Looking<'_> {
    /// Looks for the nearest in a block. False where the order of classes decides who is looked at, and they have none.
    fn look(
        &self,
        classes: [&Classes; 2],
        (wanted, is_ordered): ([bool; 2], bool),
        seen: &mut [Vec<Seen>; 2],
    ) -> Result<bool> {
        let looks = |side: usize, class: u32| {
            classes[side].members(class).iter().any(|row| self.is_wanted(side, *row))
        };
        let limiter = &self.relaxed.limiter;
        let (neighbours, _work) = limiter.neighbours_of(classes, self.most, &looks, &self.control.cancel)?;
        let _held = self.control.memory.reserve(neighbours.bytes(), "looking for the nearest records")?;
        let is_cut = |side: usize| (0..row_of(classes[side].len())).any(|class| neighbours.cut(side, class));
        let is_cut = is_cut(0) || is_cut(1);
        if is_cut && !is_ordered {
            return Ok(false);
        }
        let wanted = if is_cut { wanted } else { self.hopeful(classes, wanted) };
        if wanted == [false, false] {
            return Ok(true);
        }
        let nearest = match &self.relaxed.nearest {
            Some(limiter) if is_cut => {
                Some(limiter.neighbours_of(classes, self.most, &looks, &self.control.cancel)?.0)
            }
            _ => None,
        };
        let block =
            Block { looking: self, classes, is_ordered, neighbours: &neighbours, nearest: nearest.as_ref() };
        let is_small = classes.into_iter().all(|classes| classes.len() < PARALLEL_CLASSES);
        if is_small && wanted == [true, true] && !is_cut && !self.relaxed.compares_texts() {
            block.look_at_once(seen);
            return Ok(true);
        }
        for (side, (wanted, seen)) in wanted.into_iter().zip(seen).enumerate() {
            if wanted {
                block.look(side, seen)?;
            }
        }
        Ok(true)
    }
}
