//! A spec written in Rust. Every call writes a piece of the same tree that JSON and TOML give, so that
//! [`SpecBuilder::build`] finds the same mistakes, at the same paths, with the same words.

use super::conditions::When;
use super::{Clean, DecisionKind, FieldKind, Ragged, Spec, decode, read_json};
use crate::error::Result;
use crate::limits::Limits;
use crate::money::Number;
use serde_json::{Map, Value};

/// A table of a spec under construction.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft(Map<String, Value>);

impl Draft {
    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    fn push(mut self, key: &str, value: Value) -> Self {
        match self.0.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(items) => items.push(value),
            other => *other = value,
        }
        self
    }

    /// Adds to a table inside this one.
    fn put_in(mut self, table: &str, key: &str, value: impl Into<Value>) -> Self {
        if let Value::Object(inner) = self.0.entry(table).or_insert_with(|| Value::Object(Map::new())) {
            inner.insert(key.to_owned(), value.into());
        }
        self
    }

    pub(super) fn finish(self) -> Value {
        Value::Object(self.0)
    }
}

/// A number of a spec, or two of them: text, a whole number, a [`Number`]. Floats are left out on purpose.
#[derive(Debug, Clone)]
pub struct Figures(pub(super) Value);

impl From<&str> for Figures {
    fn from(text: &str) -> Self {
        Self(Value::from(text))
    }
}

impl From<String> for Figures {
    fn from(text: String) -> Self {
        Self(Value::from(text))
    }
}

impl From<i32> for Figures {
    fn from(whole: i32) -> Self {
        Self(Value::from(whole))
    }
}

impl From<Number> for Figures {
    fn from(number: Number) -> Self {
        Self(Value::from(number.to_string()))
    }
}

impl From<rust_decimal::Decimal> for Figures {
    fn from(number: rust_decimal::Decimal) -> Self {
        Self(Value::from(number.to_string()))
    }
}

impl From<[&str; 2]> for Figures {
    fn from(parts: [&str; 2]) -> Self {
        Self(Value::from(parts.to_vec()))
    }
}

fn names<T: serde::Serialize>(items: &[T]) -> Value {
    serde_json::to_value(items).unwrap_or(Value::Null)
}

/// Writes a spec in Rust; made by [`Spec::builder`].
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until build()"]
pub struct SpecBuilder(Draft);

impl SpecBuilder {
    /// The only source, instead of [`left`](Self::left) and [`right`](Self::right), of a spec that looks for duplicates:
    /// its name, or a [`Source`].
    pub fn source(self, source: impl Into<Source>) -> Self {
        Self(self.0.with("source", source.into().0.finish()))
    }

    /// The left source: its name, or a [`Source`].
    pub fn left(self, source: impl Into<Source>) -> Self {
        Self(self.0.with("left", source.into().0.finish()))
    }

    /// The right source: its name, or a [`Source`].
    pub fn right(self, source: impl Into<Source>) -> Self {
        Self(self.0.with("right", source.into().0.finish()))
    }

    /// A field: the column of both sides, `[left, right]`, or a [`Field`].
    pub fn field(self, name: &str, field: impl Into<Field>) -> Self {
        Self(self.0.put_in("fields", name, field.into().0))
    }

    /// Conditions that stand before every pass's own.
    pub fn defaults<C: Into<When>>(self, conditions: impl IntoIterator<Item = C>) -> Self {
        Self(self.0.put_in("defaults", "on", on(conditions)))
    }

    /// The next pass.
    pub fn pass(self, pass: Pass) -> Self {
        Self(self.0.push("pass", pass.0.finish()))
    }

    /// Ties out this amount field by the values of these fields.
    pub fn tie_out(self, amount: &str, by: &[&str]) -> Self {
        let tie_out = Draft::default().with("amount", amount).with("by", by.to_vec());
        Self(self.0.with("tie_out", tie_out.finish()))
    }

    /// What is checked inside groups and reported in the table `differences`: a name, or a condition without `required`
    /// and `weight`.
    pub fn compare<C: Into<When>>(self, fields: impl IntoIterator<Item = C>) -> Self {
        Self(self.0.with("compare", on(fields)))
    }

    /// Fields to carry into the table `pairs`.
    pub fn carry(self, fields: &[&str]) -> Self {
        Self(self.0.with("carry", fields.to_vec()))
    }

    /// The day ages are counted to, `2026-01-31`.
    pub fn as_of(self, day: &str) -> Self {
        Self(self.0.with("as_of", day))
    }

    /// The first unreadable cell is an error.
    pub fn strict(self) -> Self {
        Self(self.0.with("strict", true))
    }

    /// A calendar with Saturday and Sunday and these holidays, `2026-01-01`.
    pub fn calendar(self, name: &str, holidays: &[&str]) -> Self {
        let calendar = Draft::default().with("holidays", holidays.to_vec());
        Self(self.0.put_in("calendars", name, calendar.finish()))
    }

    /// A table of decisions in files, as `docs/spec/spec.md` describes it.
    pub fn decisions(self, paths: &[&str]) -> Self {
        Self(self.0.with("decisions", paths.to_vec()))
    }

    /// One more decision, about records that their ids name.
    pub fn decide(self, kind: DecisionKind, left: &[&str], right: &[&str]) -> Self {
        let decision = Draft::default().with("kind", kind.name());
        let decision = decision.with("left", left.to_vec()).with("right", right.to_vec());
        Self(self.0.push("decisions", decision.finish()))
    }

    /// A third table, for [`Cell::lookup`]: its path, or a [`Table`].
    pub fn table(self, name: &str, table: impl Into<Table>) -> Self {
        Self(self.0.put_in("tables", name, table.into().0.finish()))
    }

    /// Bounds on work.
    pub fn limits(self, limits: &Limits) -> Self {
        Self(self.0.with("limits", serde_json::to_value(limits).unwrap_or(Value::Null)))
    }

    /// The spec.
    ///
    /// # Errors
    /// All mistakes at once, as for a text.
    pub fn build(self) -> Result<Spec> {
        Ok(decode::spec(&read_json::from_value(&self.0.finish()))?)
    }
}

fn on<C: Into<When>>(conditions: impl IntoIterator<Item = C>) -> Value {
    Value::Array(conditions.into_iter().map(|condition| condition.into().0).collect())
}

/// A source under construction.
#[derive(Debug, Clone, Default)]
pub struct Source(Draft);

impl From<&str> for Source {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}

impl Source {
    /// A source by its user-facing name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(Draft::default().with("name", name))
    }

    /// The next of its files.
    #[must_use]
    pub fn path(self, path: &str) -> Self {
        Self(self.0.push("path", Value::from(path)))
    }

    /// The decimal mark and the thousands separator of amounts in text.
    #[must_use]
    pub fn number_marks(self, decimal: char, thousands: Option<char>) -> Self {
        let source = self.0.put_in("read", "decimal", decimal.to_string());
        Self(match thousands {
            Some(mark) => source.put_in("read", "thousands", mark.to_string()),
            None => source,
        })
    }

    /// The currency sign that amounts in text may have before or behind them, such as `$` or `EUR`.
    #[must_use]
    pub fn currency_sign(self, sign: &str) -> Self {
        Self(self.0.put_in("read", "currency_sign", sign))
    }

    /// The rows to leave out at the end of each file: totals, notes.
    #[must_use]
    pub fn footer(self, rows: u32) -> Self {
        Self(self.0.put_in("read", "footer", i64::from(rows)))
    }

    /// What becomes of rows of CSV with more or fewer cells than the header.
    #[must_use]
    pub fn ragged(self, ragged: Ragged) -> Self {
        let word = match ragged {
            Ragged::Unreadable => "unreadable",
            Ragged::Pad => "pad",
            Ragged::Error => "error",
        };
        Self(self.0.put_in("read", "ragged", word))
    }

    /// The sheet of a workbook.
    #[must_use]
    pub fn sheet(self, name: &str) -> Self {
        Self(self.0.put_in("read", "sheet", name))
    }

    /// The range of the sheet, such as `B3:F200` or `B:F`.
    #[must_use]
    pub fn range(self, range: &str) -> Self {
        Self(self.0.put_in("read", "range", range))
    }

    /// The strftime format of dates in text.
    #[must_use]
    pub fn dates(self, format: &str) -> Self {
        Self(self.0.put_in("read", "dates", format))
    }

    /// The CSV delimiter.
    #[must_use]
    pub fn delimiter(self, delimiter: char) -> Self {
        Self(self.0.put_in("read", "delimiter", delimiter.to_string()))
    }

    /// The encoding of text files.
    #[must_use]
    pub fn encoding(self, label: &str) -> Self {
        Self(self.0.put_in("read", "encoding", label))
    }

    /// Keeps records with one of these values.
    #[must_use]
    pub fn keep_in(self, field: &str, values: &[&str]) -> Self {
        let filter = Draft::default().with("field", field).with("in", values.to_vec());
        Self(self.0.push("where", filter.finish()))
    }

    /// Keeps records between two values, inclusive.
    #[must_use]
    pub fn keep_between(self, field: &str, from: &str, to: &str) -> Self {
        let filter = Draft::default().with("field", field).with("between", vec![from, to]);
        Self(self.0.push("where", filter.finish()))
    }

    /// Keeps records in whose text the expression finds something.
    #[must_use]
    pub fn keep_matching(self, field: &str, expression: &str) -> Self {
        let filter = Draft::default().with("field", field).with("matches", expression);
        Self(self.0.push("where", filter.finish()))
    }

    /// Keeps records without (true) or with (false) a value.
    #[must_use]
    pub fn keep_null(self, field: &str, null: bool) -> Self {
        let filter = Draft::default().with("field", field).with("is_null", null);
        Self(self.0.push("where", filter.finish()))
    }

    /// The time zone that zoned timestamps are converted to.
    #[must_use]
    pub fn zone(self, name: &str) -> Self {
        Self(self.0.with("zone", name))
    }

    /// The time of day from which a timestamp counts as the next day, `17:00`.
    #[must_use]
    pub fn cut_off(self, time: &str) -> Self {
        Self(self.0.with("cut_off", time))
    }
}

/// A third table under construction.
#[derive(Debug, Clone, Default)]
pub struct Table(Draft);

impl From<&str> for Table {
    fn from(path: &str) -> Self {
        Self::in_memory().path(path)
    }
}

impl Table {
    /// A table without files: it is handed over at the run.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The next of its files.
    #[must_use]
    pub fn path(self, path: &str) -> Self {
        Self(self.0.push("path", Value::from(path)))
    }

    /// Its cells are written as those of this source.
    #[must_use]
    pub fn written_as(self, source: &Source) -> Self {
        match source.0.0.get("read") {
            Some(read) => Self(self.0.with("read", read.clone())),
            None => self,
        }
    }
}

/// A field under construction.
#[derive(Debug, Clone)]
pub struct Field(Value);

impl From<&str> for Field {
    fn from(column: &str) -> Self {
        Self(Value::from(column))
    }
}

impl From<[&str; 2]> for Field {
    fn from(columns: [&str; 2]) -> Self {
        Self(Value::from(columns.to_vec()))
    }
}

impl Field {
    /// A field of both sides.
    #[must_use]
    pub fn new(left: impl Into<Cell>, right: impl Into<Cell>) -> Self {
        Self(Draft::default().with("left", left.into().0).with("right", right.into().0).finish())
    }

    /// A field of the left side only.
    #[must_use]
    pub fn left_only(cell: impl Into<Cell>) -> Self {
        Self(Draft::default().with("left", cell.into().0).finish())
    }

    /// A field of the right side only.
    #[must_use]
    pub fn right_only(cell: impl Into<Cell>) -> Self {
        Self(Draft::default().with("right", cell.into().0).finish())
    }

    fn with(self, key: &str, value: impl Into<Value>) -> Self {
        let long = match self.0 {
            Value::Object(entries) => Draft(entries),
            Value::Array(sides) => ["left", "right"]
                .into_iter()
                .zip(sides)
                .fold(Draft::default(), |field, (side, cell)| field.with(side, cell)),
            column => Draft::default().with("left", column.clone()).with("right", column),
        };
        Self(long.with(key, value).finish())
    }

    /// What its cells mean.
    #[must_use]
    pub fn kind(self, kind: FieldKind) -> Self {
        self.with("as", serde_json::to_value(kind).unwrap_or(Value::Null))
    }

    /// Digits after the point.
    #[must_use]
    pub fn scale(self, digits: u8) -> Self {
        self.with("scale", digits)
    }

    /// Cleaning of text on both sides, in order.
    #[must_use]
    pub fn clean(self, steps: &[Clean]) -> Self {
        self.with("clean", names(steps))
    }
}

/// Where one side's cells come from, under construction.
#[derive(Debug, Clone)]
pub struct Cell(Value);

impl From<&str> for Cell {
    fn from(column: &str) -> Self {
        Self(Value::from(column))
    }
}

impl Cell {
    /// One column.
    #[must_use]
    pub fn column(column: &str) -> Self {
        Self(Draft::default().with("column", column).finish())
    }

    /// Two amount columns: credit − debit.
    #[must_use]
    pub fn debit_credit(debit: &str, credit: &str) -> Self {
        Self(Draft::default().with("debit", debit).with("credit", credit).finish())
    }

    /// An unsigned amount column, one that says which way it goes, and the values that mean debit and credit.
    #[must_use]
    pub fn indicator(column: &str, indicator: &str, debit: &[&str], credit: &[&str]) -> Self {
        let cell = Draft::default().with("column", column).with("indicator", indicator);
        Self(cell.with("debit", debit.to_vec()).with("credit", credit.to_vec()).finish())
    }

    fn with(self, key: &str, value: impl Into<Value>) -> Self {
        let long = match self.0 {
            Value::Object(entries) => Draft(entries),
            column => Draft::default().with("column", column),
        };
        Self(long.with(key, value).finish())
    }

    /// The amount's sign is turned.
    #[must_use]
    pub fn negate(self) -> Self {
        self.with("negate", true)
    }

    /// Integers count units of 10^-`digits`.
    #[must_use]
    pub fn minor(self, digits: u8) -> Self {
        self.with("minor", digits)
    }

    /// Digits after the point on this side.
    #[must_use]
    pub fn scale(self, digits: u8) -> Self {
        self.with("scale", digits)
    }

    /// The strftime format of this column's dates.
    #[must_use]
    pub fn dates(self, format: &str) -> Self {
        self.with("dates", format)
    }

    /// A regular expression: the first match's group 1, or the whole match.
    #[must_use]
    pub fn extract(self, expression: &str) -> Self {
        self.with("extract", expression)
    }

    /// Every match of `extract` is a value, not only the first: the field has many values per record.
    #[must_use]
    pub fn all(self) -> Self {
        self.with("all", true)
    }

    /// The cell is looked up among the `key`s of a third table, and the values of its `column` are the field's.
    #[must_use]
    pub fn lookup(self, table: &str, key: &str, column: &str) -> Self {
        let lookup = Draft::default().with("table", table).with("key", key).with("column", column);
        self.with("lookup", lookup.finish())
    }

    fn in_lookup(self, key: &str, value: Value) -> Self {
        let lookup = match &self.0 {
            Value::Object(cell) => cell.get("lookup").and_then(Value::as_object).cloned(),
            _ => None,
        };
        self.with("lookup", Draft(lookup.unwrap_or_default()).with(key, value).finish())
    }

    /// Of the rows that the look-up finds only those of the latest day, in the table's column `date`, that is not after the
    /// record's day in its own column `at`, and at most so many days earlier: a rate that holds until there is another.
    #[must_use]
    pub fn lookup_as_of(self, date: &str, at: &str, days: u32) -> Self {
        self.in_lookup("date", date.into()).in_lookup("at", at.into()).in_lookup("days", days.into())
    }

    /// Of the rows that the look-up finds only those that hold these texts, by column.
    #[must_use]
    pub fn lookup_where(self, only: &[(&str, &str)]) -> Self {
        let only = only.iter().map(|(column, value)| ((*column).to_owned(), Value::from(*value)));
        self.in_lookup("where", Value::Object(only.collect()))
    }

    /// Cleaning of text on this side, in order.
    #[must_use]
    pub fn clean(self, steps: &[Clean]) -> Self {
        self.with("clean", names(steps))
    }
}

/// A pass under construction.
#[derive(Debug, Clone, Default)]
pub struct Pass(Draft);

impl Pass {
    /// A pass with these conditions, `1:1` unless it is told otherwise: names (equality) or what [`conditions`](super::conditions) makes.
    #[must_use]
    pub fn on<C: Into<When>>(conditions: impl IntoIterator<Item = C>) -> Self {
        Self(Draft::default().with("on", on(conditions)))
    }

    /// One more condition.
    #[must_use]
    pub fn and(self, condition: impl Into<When>) -> Self {
        Self(self.0.push("on", condition.into().0))
    }

    /// Its name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self(self.0.with("name", name))
    }

    /// Pairs records of one side that net to exactly zero.
    #[must_use]
    pub fn same_side(self) -> Self {
        Self(self.0.with("cardinality", "same_side"))
    }

    /// In a `same_side` pass, what a pair may net to.
    #[must_use]
    pub fn net_within(self, tolerance: impl Into<Figures>) -> Self {
        self.sum_within(tolerance)
    }

    /// Any number of records on the right belong to one on the left. Without [`group_by`](Self::group_by) each of them
    /// goes to its best on the left.
    #[must_use]
    pub fn one_to_many(self) -> Self {
        Self(self.0.with("cardinality", "1:n"))
    }

    /// Any number of records on the left belong to one on the right. Without [`group_by`](Self::group_by) each of them
    /// goes to its best on the right.
    #[must_use]
    pub fn many_to_one(self) -> Self {
        Self(self.0.with("cardinality", "n:1"))
    }

    /// Any number of records on both sides.
    #[must_use]
    pub fn many_to_many(self) -> Self {
        Self(self.0.with("cardinality", "n:m"))
    }

    /// Any number of records of the only source: all that are near each other, one by one.
    #[must_use]
    pub fn cluster(self) -> Self {
        Self(self.0.with("cardinality", "cluster"))
    }

    /// The fields by which the records of a side that has many are taken as one.
    #[must_use]
    pub fn group_by(self, fields: &[&str]) -> Self {
        Self(self.0.with("group_by", fields.to_vec()))
    }

    /// How far the sums of both sides may be apart; in a `same_side` pass, how far from zero.
    #[must_use]
    pub fn sum_within(self, tolerance: impl Into<Figures>) -> Self {
        Self(self.0.put_in("sum", "within", tolerance.into().0))
    }

    /// How much less than is due may be paid: `5.00`, `2%`. A percentage is of what is due.
    #[must_use]
    pub fn short_pay(self, limit: impl Into<Figures>) -> Self {
        Self(self.0.put_in("sum", "short_pay", limit.into().0))
    }

    /// How much less may be paid as a discount, likewise.
    #[must_use]
    pub fn discount(self, limit: impl Into<Figures>) -> Self {
        Self(self.0.put_in("sum", "discount", limit.into().0))
    }

    /// How much more than is due may be paid, likewise.
    #[must_use]
    pub fn overpay(self, limit: impl Into<Figures>) -> Self {
        Self(self.0.put_in("sum", "overpay", limit.into().0))
    }

    /// The side whose amounts are payments. Default: of a side that has one and a side that has many the former, else right.
    #[must_use]
    pub fn paid(self, side: crate::plan::Side) -> Self {
        Self(self.0.put_in("sum", "paid", side.name()))
    }

    /// What is kept back of one side's amounts before they are compared: `2.9% + 0.30 each`.
    #[must_use]
    pub fn fee(self, fee: &str) -> Self {
        Self(self.0.put_in("sum", "fee", fee))
    }

    /// One record of a group is taken in part where the sums don't agree: what is left of it stays open. Needs
    /// [`sum_within`](Self::sum_within).
    #[must_use]
    pub fn partial(self) -> Self {
        Self(self.0.with("partial", true))
    }

    /// The amount that is summed. Default: what is tied out.
    #[must_use]
    pub fn sum_of(self, field: &str) -> Self {
        Self(self.0.put_in("sum", "field", field))
    }

    /// Conditions are asked of the latest records of both sides, not of all.
    #[must_use]
    pub fn conditions_after(self) -> Self {
        Self(self.0.with("conditions", "after"))
    }

    /// All it finds is proposed.
    #[must_use]
    pub fn propose(self) -> Self {
        Self(self.0.with("status", "proposed"))
    }

    /// All it finds is matched, where a required `slip` would propose.
    #[must_use]
    pub fn matched(self) -> Self {
        Self(self.0.with("status", "matched"))
    }

    /// Groups with a lower score are proposed.
    #[must_use]
    pub fn propose_below(self, score: impl Into<Figures>) -> Self {
        Self(self.0.with("propose_below", score.into().0))
    }

    /// Records tied in substance stay open for later passes.
    #[must_use]
    pub fn leave_ambiguous(self) -> Self {
        Self(self.0.with("ambiguous", "leave"))
    }

    /// Of records tied in substance, one optimal answer is taken.
    #[must_use]
    pub fn match_ambiguous(self) -> Self {
        Self(self.0.with("ambiguous", "match"))
    }

    /// The score from which a candidate gains more than the least.
    #[must_use]
    pub fn floor(self, score: impl Into<Figures>) -> Self {
        Self(self.0.with("floor", score.into().0))
    }

    /// Matches with a regret up to this are ambiguous.
    #[must_use]
    pub fn margin(self, gain: impl Into<Figures>) -> Self {
        Self(self.0.with("margin", gain.into().0))
    }

    /// Scores by probability, which the bits of [`levels`](super::conditions::levels) make of `prior`: that two records of
    /// one of its blocks belong together, before anything else is known of them.
    #[must_use]
    pub fn probability(self, prior: impl Into<Figures>) -> Self {
        Self(self.0.with("score", "probability").with("prior", prior.into().0))
    }
}
