//! What the search for nearest records looks at, taken out of the columns: the open records, and the samples that tell
//! how common a value is. Every pass less one requirement looks at all of them again; where they lie scattered among
//! matched records, each look waits for memory.

use crate::columns::{Columns, Row, SideColumns, row_of};
use crate::control::{Control, Reservation};
use crate::decisions::Barred;
use crate::error::Result;
use crate::plan::{Plan, Side};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};

/// The records, in columns of their own. Record i of a side is the i-th of them, so that the order of rows stays.
pub(super) struct Rest {
    pub(super) columns: Columns,
    /// Which records of the run they are, ascending.
    rows: [Vec<Row>; 2],
    _held: Reservation,
}

/// Records of both sides that are wanted, each ascending.
pub(super) struct Wanted<'a> {
    pub(super) open: [&'a [Row]; 2],
    /// Those that another open record may equal.
    pub(super) alike: [&'a [Row]; 2],
    pub(super) samples: [&'a [Row]; 2],
}

impl Rest {
    pub(super) fn take(
        plan: &Plan,
        columns: &Columns,
        Wanted { open, alike, samples }: Wanted<'_>,
        control: &Control,
    ) -> Result<Self> {
        let fields = plan.fields_compared();
        let rows = Side::BOTH.map(|side| union(open[side.index()], samples[side.index()]));
        let bytes = |side: Side| columns.side(side).taken_bytes(rows[side.index()].len(), &fields);
        let bytes = Side::BOTH.map(bytes).iter().sum();
        let held = control.memory.reserve(bytes, "looking for the nearest records")?;
        let take = |side: Side| {
            let rows = &rows[side.index()];
            let mut taken = columns.side(side).taken(rows, &fields);
            let open = places(rows, open[side.index()]);
            taken.distinct = Some(without_twin(&taken, rows, &open, alike[side.index()]));
            taken
        };
        let (left, right) = rayon::join(|| take(Side::Left), || take(Side::Right));
        let mut rest = Self {
            columns: Columns { sides: [left, right], scale: columns.scale, ..Columns::default() },
            rows,
            _held: held,
        };
        for side in Side::BOTH {
            let across = columns.side(side).barred.across.iter();
            let places = across.filter_map(|(row, other)| {
                Some((rest.place(side, *row)?, rest.place(side.other(), *other)?))
            });
            let across = places.collect();
            rest.columns.sides[side.index()].barred = Barred { across, ..Barred::default() };
        }
        Ok(rest)
    }

    /// Where a record of the run stands; `None` where it is not among them.
    pub(super) fn place(&self, side: Side, row: Row) -> Option<Row> {
        self.rows[side.index()].binary_search(&row).ok().map(row_of)
    }

    /// Where records of the run stand that are all among them, ascending.
    pub(super) fn places(&self, side: Side, rows: &[Row]) -> Vec<Row> {
        places(&self.rows[side.index()], rows)
    }

    /// The records of the run, ascending: the i-th stands at place i.
    pub(super) fn records(&self, side: Side) -> &[Row] {
        &self.rows[side.index()]
    }

    /// The record of the run that stands at a place.
    pub(super) fn record(&self, side: Side, place: Row) -> Row {
        self.rows[side.index()][place as usize]
    }
}

/// Where some of the records stand among all of them; both ascending.
fn places(all: &[Row], some: &[Row]) -> Vec<Row> {
    let mut places = (0_u32..).zip(all);
    some.iter().filter_map(|row| places.find(|(_, other)| *other == row).map(|(place, _)| place)).collect()
}

/// The open records that no other open one may equal, and those known before: so that no block has to find that out.
fn without_twin(taken: &SideColumns, rows: &[Row], open: &[Row], alike: &[Row]) -> BooleanBuffer {
    let mut distinct = BooleanBufferBuilder::new(taken.rows as usize);
    distinct.append_n(taken.rows as usize, false);
    let mut alike = alike.iter().peekable();
    for place in open {
        let row = rows[*place as usize];
        while alike.next_if(|other| **other < row).is_some() {}
        distinct.set_bit(*place as usize, alike.peek() != Some(&&row));
    }
    let distinct = distinct.finish();
    taken.distinct.as_ref().map_or_else(|| distinct.clone(), |known| known | &distinct)
}

/// Two ascending lists as one.
fn union(one: &[Row], other: &[Row]) -> Vec<Row> {
    let mut rows = [one, other].concat();
    rows.sort_unstable();
    rows.dedup();
    rows
}
