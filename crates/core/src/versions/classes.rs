//! Rows whose key repeats: they are paired by what they hold. Equal ones cancel, the rest are paired so that the fewest
//! cells differ.
//!
//! Nothing here depends on which side is called left: the side whose rows come first in order is asked first, so that
//! swapping the tables swaps the answer.

use super::CompareOptions;
use super::cells::Look;
use super::columns::Layout;
use super::rows::Paired;
use super::table::Table;
use crate::columns::Row;
use crate::control::Control;
use crate::error::Result;
use crate::limits::Limits;
use crate::resolve::{Edge, Problem, Scratch, solve};
use arrow_array::ArrayRef;
use rayon::prelude::*;

/// Rows told, and classes settled, by one task.
const TASK_ROWS: usize = 1 << 13;

/// Rows by key, of keys that both sides have and that repeat on one.
#[derive(Debug, Default)]
pub(super) struct Classes {
    rows: [Vec<Row>; 2],
    /// Where each class ends among the rows of each side.
    ends: Vec<[usize; 2]>,
}

impl Classes {
    pub(super) fn push(&mut self, rows: [&[Row]; 2]) {
        self.rows.iter_mut().zip(rows).for_each(|(all, rows)| all.extend_from_slice(rows));
        self.ends.push(self.rows.each_ref().map(Vec::len));
    }

    pub(super) fn append(&mut self, other: &Self) {
        let base = self.rows.each_ref().map(Vec::len);
        self.rows.iter_mut().zip(&other.rows).for_each(|(all, rows)| all.extend_from_slice(rows));
        self.ends.extend(other.ends.iter().map(|ends| [base[0] + ends[0], base[1] + ends[1]]));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn rows(&self, side: usize) -> &[Row] {
        &self.rows[side]
    }
}

/// What the rows of all classes hold, on one side: bytes that are equal where all cells are, in the order of the cells.
struct Held {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Held {
    fn of<'a>(looks: &(impl Fn() -> Result<Vec<Look<'a>>> + Sync), side: usize, rows: usize) -> Result<Self> {
        let task = |task: usize| {
            let looks = looks()?;
            let (mut bytes, mut ends, mut text) = (Vec::new(), Vec::new(), String::new());
            for row in task * TASK_ROWS..rows.min((task + 1) * TASK_ROWS) {
                for look in &looks {
                    told(look.held(side, row, &mut text).then_some(&text), &mut bytes);
                }
                ends.push(bytes.len());
            }
            Ok((bytes, ends))
        };
        let tasks: Vec<_> = (0..rows.div_ceil(TASK_ROWS)).into_par_iter().map(task).collect::<Result<_>>()?;
        let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(rows));
        for (some, some_ends) in tasks {
            ends.extend(some_ends.iter().map(|end| bytes.len() + end));
            bytes.extend(some);
        }
        Ok(Self { bytes, ends })
    }

    fn row(&self, at: usize) -> &[u8] {
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[from..self.ends[at]]
    }
}

/// Pairs the rows of the classes.
pub(super) fn settle(
    (layout, tables): (&Layout, &[Table<'_>; 2]),
    classes: &Classes,
    options: &CompareOptions,
    control: &Control,
    paired: &mut Paired,
) -> Result<()> {
    let rows: usize = classes.rows.iter().map(Vec::len).sum();
    let cells = rows as u64 * (16 + 32 * layout.columns.len() as u64);
    let _cells = control.memory.reserve(cells, "pairing rows whose key repeats")?;
    let cells = |side: usize| -> Result<Vec<ArrayRef>> {
        let rows = || classes.rows[side].iter().copied();
        layout.columns.par_iter().map(|column| column.gather(tables, side, rows())).collect()
    };
    let cells = [cells(0)?, cells(1)?];
    // A look is made for a task and can't be shared.
    let looks = || -> Result<Vec<Look<'_>>> {
        let columns = layout.columns.iter().zip(cells[0].iter().zip(&cells[1]));
        columns.map(|(column, (left, right))| Look::new(column, [left, right])).collect()
    };
    let held = [0, 1].map(|side| Held::of(&looks, side, classes.rows[side].len()));
    let [left, right] = held;
    let held = [left?, right?];
    let tasks = classes.len().div_ceil(TASK_ROWS);
    let settled: Vec<Paired> = (0..tasks)
        .into_par_iter()
        .map(|task| {
            let context =
                Context { classes, looks: looks()?, held: &held, many: options.rivals_max as usize };
            let mut settled = Paired::default();
            let mut scratch = Scratch::default();
            for class in task * TASK_ROWS..classes.len().min((task + 1) * TASK_ROWS) {
                control.cancel.check()?;
                context.settle(class, &mut scratch, &mut settled)?;
            }
            Ok(settled)
        })
        .collect::<Result<_>>()?;
    for some in settled {
        paired.pairs.extend(some.pairs);
        paired.alone.iter_mut().zip(some.alone).for_each(|(all, rows)| all.extend(rows));
        paired.limited_keys += some.limited_keys;
    }
    Ok(())
}

/// Writes a cell: 0 for null, else 1 and its bytes to a 0 that no 255 follows. A row is equal and in order as its cells are.
fn told(text: Option<&String>, bytes: &mut Vec<u8>) {
    let Some(text) = text else { return bytes.push(0) };
    bytes.push(1);
    for byte in text.bytes() {
        bytes.push(byte);
        if byte == 0 {
            bytes.push(255);
        }
    }
    bytes.extend([0, 1]);
}

/// The cells of a row that was told.
fn cells(row: &[u8]) -> Vec<&[u8]> {
    let mut cells = Vec::new();
    let mut from = 0;
    while let Some(first) = row.get(from) {
        let mut end = from + 1;
        if *first == 1 {
            while row.get(end..end + 2).is_some_and(|two| two != [0, 1]) {
                // What follows a 0 of the text is no end.
                end += if row[end] == 0 { 2 } else { 1 };
            }
            end = row.len().min(end + 2);
        }
        cells.push(&row[from..end]);
        from = end;
    }
    cells
}

struct Context<'a> {
    classes: &'a Classes,
    looks: Vec<Look<'a>>,
    held: &'a [Held; 2],
    many: usize,
}

impl Context<'_> {
    /// Pairs the rows of one key.
    fn settle(&self, class: usize, scratch: &mut Scratch, settled: &mut Paired) -> Result<()> {
        let from = class.checked_sub(1).map_or([0, 0], |before| self.classes.ends[before]);
        let to = self.classes.ends[class];
        let mut open = [0, 1].map(|side| self.sorted(side, from[side]..to[side]));
        self.cancel_equal(&mut open, settled);
        let [left, right] = &open;
        if left.len().max(right.len()) > self.many {
            settled.limited_keys += 1;
            let both = left.len().min(right.len());
            left.iter().zip(right).for_each(|(left, right)| self.pair([*left, *right], settled));
            for open in &mut open {
                drop(open.drain(..both));
            }
        } else if !left.is_empty() && !right.is_empty() {
            self.assign(&mut open, scratch, settled)?;
        }
        for (side, open) in open.iter().enumerate() {
            settled.alone[side].extend(open.iter().map(|at| (self.classes.rows[side][*at], true)));
        }
        Ok(())
    }

    /// Rows of a class by what they hold, then by their place.
    fn sorted(&self, side: usize, rows: std::ops::Range<usize>) -> Vec<usize> {
        let mut sorted: Vec<usize> = rows.collect();
        let row = |at: &usize| self.classes.rows[side][*at];
        sorted.sort_unstable_by(|a, b| {
            self.held[side].row(*a).cmp(self.held[side].row(*b)).then_with(|| row(a).cmp(&row(b)))
        });
        sorted
    }

    fn pair(&self, [left, right]: [usize; 2], settled: &mut Paired) {
        settled.pairs.push((self.classes.rows[0][left], self.classes.rows[1][right]));
    }

    /// Pairs rows that are equal in all compared cells, in the order of their rows; both lists are sorted.
    fn cancel_equal(&self, open: &mut [Vec<usize>; 2], settled: &mut Paired) {
        let [lefts, rights] = std::mem::take(open);
        let mut others = rights.into_iter().peekable();
        for left in lefts {
            let row = self.held[0].row(left);
            while let Some(right) = others.next_if(|right| self.held[1].row(*right) < row) {
                open[1].push(right);
            }
            match others.next_if(|right| self.held[1].row(*right) == row) {
                Some(right) => self.pair([left, right], settled),
                None => open[0].push(left),
            }
        }
        open[1].extend(others);
    }

    /// Pairs rows so that the fewest cells differ; what is left stays open.
    fn assign(&self, open: &mut [Vec<usize>; 2], scratch: &mut Scratch, settled: &mut Paired) -> Result<()> {
        let rows = [0, 1].map(|side: usize| open[side].iter().map(move |at| self.held[side].row(*at)));
        let swapped = rows[1].clone().lt(rows[0].clone());
        let (first, second) = if swapped { (1, 0) } else { (0, 1) };
        let told = [0, 1].map(|side: usize| {
            open[side].iter().map(|at| cells(self.held[side].row(*at))).collect::<Vec<_>>()
        });
        let mut problem = Problem {
            left_counts: vec![1; open[first].len()],
            right_counts: vec![1; open[second].len()],
            edges: Vec::with_capacity(open[0].len() * open[1].len()),
        };
        for l in 0..open[first].len() {
            for r in 0..open[second].len() {
                let [a, b] = if swapped { [r, l] } else { [l, r] };
                let gain = self.gain([open[0][a], open[1][b]], [&told[0][a], &told[1][b]]);
                let [left, right] = [l, r].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
                problem.edges.push(Edge { left, right, gain, variance: 0, days: 0 });
            }
        }
        let limits = Limits { regret_nodes_max: 0, ..Limits::default() };
        let solution = solve(&problem, &limits, scratch)?;
        let mut taken = open.each_ref().map(|open| vec![false; open.len()]);
        for flow in &solution.flows {
            let edge = problem.edges[flow.edge as usize];
            let (l, r) = (edge.left as usize, edge.right as usize);
            let [a, b] = if swapped { [r, l] } else { [l, r] };
            self.pair([open[0][a], open[1][b]], settled);
            taken[0][a] = true;
            taken[1][b] = true;
        }
        for (open, taken) in open.iter_mut().zip(taken) {
            let mut taken = taken.into_iter();
            open.retain(|_| !taken.next().unwrap_or(false));
        }
        Ok(())
    }

    /// What a pair is worth, in millionths: half for a partner at all, which is more than any cell; the rest by how many
    /// cells don't differ.
    fn gain(&self, at: [usize; 2], cells: [&[&[u8]]; 2]) -> u32 {
        let same = |(look, (one, other)): &(&Look<'_>, (&&[u8], &&[u8]))| {
            // A null that equals nothing differs from whatever it is paired with.
            let equal = one == other && (one.first() != Some(&0) || look.nulls_are_equal());
            equal || (look.is_tolerant() && look.at(at).is_none())
        };
        let equal = self.looks.iter().zip(cells[0].iter().zip(cells[1])).filter(same).count();
        500_000 + u32::try_from(equal * 500_000 / self.looks.len().max(1)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_are_told_come_back_whatever_they_hold() {
        let texts = ["", "a", "\0", "a\0b", "\0\u{1}", "\u{ff}\0"].map(str::to_owned);
        let mut bytes = Vec::new();
        for text in &texts {
            told(Some(text), &mut bytes);
            told(None, &mut bytes);
        }
        let found = cells(&bytes);
        assert_eq!(found.len(), 12);
        for (at, text) in texts.iter().enumerate() {
            let mut expected = Vec::new();
            told(Some(text), &mut expected);
            assert_eq!((found[at * 2], found[at * 2 + 1]), (expected.as_slice(), [0].as_slice()), "{text:?}");
        }
    }
}
