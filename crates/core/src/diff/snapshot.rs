//! An outcome as a diff works on it: columns of numbers, names as codes, amounts at one scale.

use super::columns::{TableAt, TableReader};
use super::names::{Code, NONE, Names};
use super::tie_out::TieOutCells;
use super::{OutcomeTables, SourceFacts};
use crate::error::{Error, Result};
use crate::outcome::Reason;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef, Decimal128Array, StringViewArray};
use std::collections::BTreeMap;

/// Amounts of a group that are compared, the first four of them told.
pub(super) const MONEY: [&str; 5] = ["left_amount", "right_amount", "net", "variance", "fee"];
/// No group, or no record.
pub(super) const NOWHERE: u32 = u32::MAX;

/// One outcome.
pub(super) struct Snapshot<'a> {
    pub(super) sources: &'a [SourceFacts; 2],
    pub(super) groups: Groups,
    pub(super) records: Records,
    pub(super) cells: TieOutCells,
}

/// The table `groups`.
pub(super) struct Groups {
    pub(super) id: Vec<u64>,
    pub(super) pass: Vec<Code>,
    pub(super) status: Vec<Code>,
    pub(super) ambiguity: Vec<Code>,
    pub(super) currency: Vec<Code>,
    pub(super) score: Vec<i64>,
    /// Those of [`MONEY`].
    pub(super) money: [Decimal128Array; 5],
    /// Where each group's members begin among the records, and where the last one's end.
    pub(super) members: Vec<u32>,
}

/// The members of all groups, then the open records.
pub(super) struct Records {
    pub(super) side: Vec<u8>,
    pub(super) row: Vec<u64>,
    pub(super) id: StringViewArray,
    pub(super) amount: Decimal128Array,
    /// The group of each member.
    pub(super) group: Vec<u32>,
    /// Of the open records.
    pub(super) reason: Vec<Code>,
    pub(super) pass: Vec<Code>,
    pub(super) currency: Vec<Code>,
    /// Those that are what is left of a member: they are told of with it. Ascending.
    pub(super) remainders: Vec<u32>,
}

impl Groups {
    pub(super) fn len(&self) -> usize {
        self.id.len()
    }

    /// The records of a group.
    pub(super) fn members(&self, group: u32) -> std::ops::Range<u32> {
        let group = group as usize;
        self.members[group]..self.members[group + 1]
    }
}

impl Records {
    pub(super) fn len(&self) -> usize {
        self.row.len()
    }

    /// The group of a record; `None`: it is open.
    pub(super) fn group(&self, record: u32) -> Option<u32> {
        self.group.get(record as usize).copied()
    }

    /// The id; empty text is none.
    pub(super) fn id(&self, record: u32) -> Option<&str> {
        let record = record as usize;
        self.id.is_valid(record).then(|| self.id.value(record)).filter(|id| !id.is_empty())
    }

    /// Adds what is left of members that groups take in part to what these take.
    fn put_together(&mut self, partly: Code, scale: i8) -> Result<()> {
        let members = self.group.len();
        let left = self.reason.iter().enumerate().filter(|(_, reason)| **reason == partly);
        let left: Vec<usize> = left.map(|(at, _)| members + at).collect();
        if left.is_empty() {
            return Ok(());
        }
        let amount = |at: usize| self.amount.is_valid(at).then(|| self.amount.value(at));
        let of: BTreeMap<(u8, u64), i128> =
            left.iter().filter_map(|at| Some(((self.side[*at], self.row[*at]), amount(*at)?))).collect();
        let whole = |at: usize| {
            let more = (at < members).then(|| of.get(&(self.side[at], self.row[at]))).flatten();
            amount(at).map(|amount| amount.saturating_add(more.copied().unwrap_or(0)))
        };
        let amounts: Decimal128Array = (0..self.row.len()).map(whole).collect();
        self.amount = amounts
            .with_precision_and_scale(38, scale)
            .map_err(|error| Error::Internal(error.to_string()))?;
        self.remainders = left.into_iter().filter_map(|at| u32::try_from(at).ok()).collect();
        Ok(())
    }

    fn open(&self, record: u32, of: &[Code]) -> Code {
        let open = (record as usize).checked_sub(self.group.len());
        open.and_then(|at| of.get(at).copied()).unwrap_or(NONE)
    }
}

impl<'a> Snapshot<'a> {
    /// Reads an outcome; amounts come to `scale`.
    pub(super) fn read(tables: &'a OutcomeTables, scale: i8, names: &mut Names) -> Result<Self> {
        let mut groups = read_groups(tables, scale, names)?;
        let records = read_records(tables, scale, names, &mut groups)?;
        let cells = TieOutCells::read(&TableReader::of(tables, TableAt::TieOut), scale)?;
        Ok(Self { sources: &tables.sources, groups, records, cells })
    }

    /// The pass of a record: of its group, or the one that gave the evidence for an open one.
    pub(super) fn pass(&self, record: u32) -> Code {
        match self.records.group(record) {
            Some(group) => self.groups.pass[group as usize],
            None => self.records.open(record, &self.records.pass),
        }
    }

    /// The reason of an open record.
    pub(super) fn reason(&self, record: u32) -> Code {
        self.records.open(record, &self.records.reason)
    }

    /// The currency of an open record, or that of the group.
    pub(super) fn currency(&self, record: u32) -> Code {
        match self.records.group(record) {
            Some(group) => self.groups.currency[group as usize],
            None => self.records.open(record, &self.records.currency),
        }
    }
}

/// Digits after the point of the amounts of an outcome.
pub(super) fn scale_of(tables: &OutcomeTables) -> Result<i8> {
    let mut scale = 0;
    let columns: [(TableAt, &[&str]); 4] = [
        (TableAt::Groups, &MONEY),
        (TableAt::Members, &["amount"]),
        (TableAt::Breaks, &["amount"]),
        (TableAt::TieOut, &["left_amount", "right_amount", "difference"]),
    ];
    for (table, columns) in columns {
        let reader = TableReader::of(tables, table);
        for column in columns {
            scale = scale.max(reader.scale(column)?);
        }
    }
    Ok(scale)
}

fn read_groups(tables: &OutcomeTables, scale: i8, names: &mut Names) -> Result<Groups> {
    let reader = TableReader::of(tables, TableAt::Groups);
    let id = reader.numbers("group_id")?;
    if !id.is_sorted_by(|one, next| one < next) {
        return Err(reader.damaged("group_id", "the groups aren't in ascending order"));
    }
    let status = reader.codes("status", names)?;
    let known = [names.code("matched"), names.code("proposed")];
    if status.iter().any(|status| !known.contains(status)) {
        return Err(reader.damaged("status", "a status is neither matched nor proposed"));
    }
    let [left, right, net, variance, fee] = MONEY.map(|column| reader.amounts(column, scale));
    Ok(Groups {
        id,
        pass: reader.codes("pass", names)?,
        status,
        ambiguity: reader.codes("ambiguity", names)?,
        currency: reader.codes("currency", names)?,
        score: reader.millionths("score")?,
        money: [left?, right?, net?, variance?, fee?],
        members: Vec::new(),
    })
}

fn read_records(
    tables: &OutcomeTables,
    scale: i8,
    names: &mut Names,
    groups: &mut Groups,
) -> Result<Records> {
    let [members, breaks] = [TableAt::Members, TableAt::Breaks].map(|at| TableReader::of(tables, at));
    let id = joined([&members.texts("id")?, &breaks.texts("id")?])?;
    let amount = joined([&members.amounts("amount", scale)?, &breaks.amounts("amount", scale)?])?;
    let mut records = Records {
        side: Vec::with_capacity(members.rows + breaks.rows),
        row: Vec::with_capacity(members.rows + breaks.rows),
        id: id.as_string_view().clone(),
        amount: amount.as_primitive::<Decimal128Type>().clone(),
        group: members_of(&members, groups)?,
        reason: breaks.codes("reason", names)?,
        pass: breaks.codes("pass", names)?,
        currency: breaks.codes("currency", names)?,
        remainders: Vec::new(),
    };
    for reader in [&members, &breaks] {
        add_places(reader, names, &tables.sources, &mut records)?;
    }
    records.put_together(names.code(Reason::PartlyAllocated.name()), scale)?;
    if records.len() >= NOWHERE as usize {
        let limit = u64::from(NOWHERE);
        let (what, hint) =
            (format!("the diff of {}", tables.name), "Diff the outcomes of fewer records".to_owned());
        return Err(Error::Limit { what, unit: "rows", needed: records.len() as u64, limit, hint });
    }
    Ok(records)
}

fn joined(parts: [&dyn Array; 2]) -> Result<ArrayRef> {
    arrow_select::concat::concat(&parts).map_err(|error| Error::Internal(error.to_string()))
}

/// The group of every member, and each group's place among them: one walk over both, which stand in one order.
fn members_of(members: &TableReader<'_>, groups: &mut Groups) -> Result<Vec<u32>> {
    let ids = members.numbers("group_id")?;
    let mut of = Vec::with_capacity(ids.len());
    let mut starts = Vec::with_capacity(groups.len() + 1);
    for (at, id) in ids.iter().enumerate() {
        while groups.id.get(starts.len().wrapping_sub(1)).is_none_or(|current| current < id) {
            if starts.len() == groups.len() {
                return Err(members.damaged("group_id", format!("there is no group {id} in its place")));
            }
            starts.push(u32::try_from(at).unwrap_or(NOWHERE));
        }
        let group = starts.len() - 1;
        if groups.id[group] != *id {
            return Err(members.damaged("group_id", format!("there is no group {id} in its place")));
        }
        of.push(u32::try_from(group).unwrap_or(NOWHERE));
    }
    starts.resize(groups.len() + 1, u32::try_from(ids.len()).unwrap_or(NOWHERE));
    if let Some(empty) = starts.windows(2).position(|two| two[0] == two[1]) {
        return Err(members.damaged("group_id", format!("group {} has no members", groups.id[empty])));
    }
    groups.members = starts;
    Ok(of)
}

/// Side and row of the records of one table.
fn add_places(
    reader: &TableReader<'_>,
    names: &mut Names,
    sources: &[SourceFacts; 2],
    records: &mut Records,
) -> Result<()> {
    let [left, right] = [names.code("left"), names.code("right")];
    let (sides, rows) = (reader.codes("side", names)?, reader.numbers("row")?);
    for (side, row) in sides.into_iter().zip(rows) {
        let side = match side {
            side if side == left => 0,
            side if side == right => 1,
            _ => return Err(reader.damaged("side", "a side is neither left nor right")),
        };
        let source = &sources[usize::from(side)];
        if row >= source.records {
            let problem = format!("row {row} of {}, which had {} records", source.name, source.records);
            return Err(reader.damaged("row", problem));
        }
        records.side.push(side);
        records.row.push(row);
    }
    Ok(())
}
