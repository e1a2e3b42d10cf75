//! Decisions from tables: one row per record that a decision names, in any types that a file or a frame has.

use super::given::{Given, GivenDecision, GivenMember, Report};
use crate::error::{Error, Mistake, Result};
use crate::plan::{Plan, Side};
use crate::spec::{DecisionKind, RecordName, nearest_name};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, RecordBatch, StringArray};
use arrow_schema::DataType;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Columns that say which record is meant; others that a field of the plan is called after hold its value as it was.
const NEEDED: [&str; 3] = ["decision", "kind", "side"];

impl Given {
    /// Reads tables, one after the other. Columns: `decision` (rows with one value are one decision), `kind`, `side`
    /// (`left`, `right`, or a source's name), `id`, and where needed `occurrence` and `row`. A column named like a
    /// field of the plan holds the value the record had when it was decided; any other column is left alone.
    ///
    /// `swapped`: `left` in the table means the right source.
    ///
    /// # Errors
    /// [`Error::Spec`] with all mistakes: columns that are missing, and cells that say nothing known.
    pub fn from_batches(plan: &Plan, batches: &[RecordBatch], swapped: bool) -> Result<Self> {
        let mut reader = Reader {
            plan,
            swapped,
            given: Self::default(),
            places: HashMap::default(),
            report: Report::default(),
        };
        let mut before = 0;
        for batch in batches {
            reader.read(batch, before)?;
            before += batch.num_rows();
        }
        let Reader { mut given, mut report, .. } = reader;
        for decision in &mut given.all {
            if decision.members.len() < 2 {
                let said = format!("one record for {:?}", decision.label);
                report.refuse("bad_value", &decision.path, said, "a decision about at least two records");
            }
            decision.members.sort_by_key(|member| member.side);
        }
        report.finish()?;
        Ok(given)
    }
}

struct Reader<'a> {
    plan: &'a Plan,
    swapped: bool,
    given: Given,
    /// Where the decision of a label stands.
    places: HashMap<String, usize, FixedState>,
    report: Report,
}

/// The columns of one batch as text.
struct Columns {
    needed: [StringArray; 3],
    id: Option<StringArray>,
    occurrence: Option<StringArray>,
    row: Option<StringArray>,
    was: Vec<(String, StringArray)>,
}

impl Reader<'_> {
    fn columns(&mut self, batch: &RecordBatch) -> Result<Option<Columns>> {
        let schema = batch.schema_ref();
        let column = |name: &str| batch.column_by_name(name).map(as_text).transpose();
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        let mut needed = Vec::new();
        for name in NEEDED {
            if let Some(cells) = column(name)? {
                needed.push(cells);
                continue;
            }
            let given = format!("columns {}", names().collect::<Vec<_>>().join(", "));
            let mistake = Mistake::new("missing", "decisions", given, format!("a column `{name}`"));
            self.report.push(mistake.nearest(nearest_name(name, names())));
        }
        let (id, row) = (column("id")?, column("row")?);
        if id.is_none() && row.is_none() {
            self.report.refuse("missing", "decisions", "no column names a record", "a column `id`, or `row`");
        }
        let Ok(needed) = <[StringArray; 3]>::try_from(needed) else { return Ok(None) };
        let mut was = Vec::new();
        for field in &self.plan.fields {
            let name = field.name.as_str();
            if !NEEDED.contains(&name)
                && !["id", "occurrence", "row"].contains(&name)
                && let Some(column) = column(name)?
            {
                was.push((name.to_owned(), column));
            }
        }
        Ok(Some(Columns { needed, id, occurrence: column("occurrence")?, row, was }))
    }

    fn read(&mut self, batch: &RecordBatch, before: usize) -> Result<()> {
        // Nothing decided yet: an empty list has no columns in some languages.
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let Some(columns) = self.columns(batch)? else { return Ok(()) };
        for at in 0..batch.num_rows() {
            let path = format!("decisions[{}]", before + at);
            self.read_row(&columns, at, &path);
        }
        Ok(())
    }

    fn read_row(&mut self, columns: &Columns, at: usize, path: &str) {
        let cell = |column: &StringArray| {
            let text = column.is_valid(at).then(|| column.value(at).trim());
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let optional = |column: &Option<StringArray>| column.as_ref().and_then(cell);
        let [label, kind, side] = &columns.needed;
        let (kind, side) = (self.kind(cell(kind), path), self.side(cell(side), path));
        let Some(label) = cell(label) else {
            self.report.refuse("missing", &format!("{path}.decision"), "null", "a label for its decision");
            return;
        };
        let occurrence = self.whole(optional(&columns.occurrence), path, "occurrence", 1);
        let row = self.whole(optional(&columns.row), path, "row", 0);
        let name = RecordName {
            id: optional(&columns.id),
            occurrence: occurrence.and_then(|number| u32::try_from(number).ok()),
            row,
            was: columns
                .was
                .iter()
                .filter_map(|(name, column)| Some((name.clone(), cell(column)?)))
                .collect(),
        };
        if name.id.is_none() && name.row.is_none() {
            self.report.refuse("missing", &format!("{path}.id"), "null", "the record's id, or its row");
            return;
        }
        if let (Some(kind), Some(side)) = (kind, side) {
            self.add(label, kind, GivenMember { path: path.to_owned(), side, name });
        }
    }

    fn add(&mut self, label: String, kind: DecisionKind, member: GivenMember) {
        let next = self.given.all.len();
        let place = *self.places.entry(label.clone()).or_insert(next);
        if place == next {
            let path = member.path.clone();
            self.given.all.push(GivenDecision { path, label, kind, members: vec![member] });
            return;
        }
        let decision = &mut self.given.all[place];
        if decision.kind != kind {
            let said = format!("{} for decision {:?}", kind.name(), decision.label);
            let expected = format!("{}, as its first row says", decision.kind.name());
            self.report.refuse("conflict", &format!("{}.kind", member.path), said, expected);
        }
        decision.members.push(member);
    }

    fn kind(&mut self, text: Option<String>, path: &str) -> Option<DecisionKind> {
        let text = text.unwrap_or_default();
        let found = DecisionKind::ALL.into_iter().find(|kind| kind.name() == text);
        if found.is_none() {
            let names = DecisionKind::ALL.map(DecisionKind::name);
            let expected = "one of accept, reject, force";
            let mistake = Mistake::new("bad_value", format!("{path}.kind"), format!("{text:?}"), expected);
            self.report.push(mistake.nearest(nearest_name(&text, names)));
        }
        found
    }

    /// A source's own name goes with the source; `left` and `right` are swapped where the table's are.
    fn side(&mut self, text: Option<String>, path: &str) -> Option<Side> {
        let text = text.unwrap_or_default();
        if let Some(side) = Side::BOTH.into_iter().find(|side| side.name() == text) {
            return Some(if self.swapped { side.other() } else { side });
        }
        let found = Side::BOTH.into_iter().find(|side| self.plan.names[side.index()] == text);
        if found.is_none() {
            let [left, right] = &self.plan.names;
            let names = ["left", "right", left, right];
            let expected = format!("left or right, or {left} or {right}");
            let mistake = Mistake::new("bad_value", format!("{path}.side"), format!("{text:?}"), expected);
            self.report.push(mistake.nearest(nearest_name(&text, names)));
        }
        found
    }

    fn whole(&mut self, text: Option<String>, path: &str, name: &str, least: u64) -> Option<u64> {
        let text = text?;
        // A frame with nulls makes doubles of its whole numbers.
        let number = text.strip_suffix(".0").unwrap_or(&text).parse().ok().filter(|number| *number >= least);
        if number.is_none() {
            let expected = format!("a whole number from {least}");
            self.report.refuse("bad_value", &format!("{path}.{name}"), format!("{text:?}"), expected);
        }
        number
    }
}

fn as_text(column: &ArrayRef) -> Result<StringArray> {
    let refused = |error: arrow_schema::ArrowError| {
        let given = format!("a column of {}", column.data_type());
        Error::spec(Mistake::new("wrong_type", "decisions", given, format!("text or numbers: {error}")))
    };
    let cast = arrow_cast::cast(column, &DataType::Utf8).map_err(refused)?;
    Ok(cast.as_string::<i32>().clone())
}
