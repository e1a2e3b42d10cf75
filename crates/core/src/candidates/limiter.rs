//! The condition that limits the candidates inside a block, bound to the columns of both sides.

use super::classes::Classes;
use super::neighbours::{Lists, Most, Neighbours, Sorted, Values, windows};
use super::occurs::OccursIndex;
use super::shared::{Looked, Shared};
use super::text::{TextIndex, TextScratch};
use crate::columns::{Column, Row, SideColumns, TextColumn, row_of};
use crate::compare::{Calendar, Comparison};
use crate::control::Cancel;
use crate::error::{Error, Result};
use crate::plan::{ConditionPlan, Millionths, PassPlan, TestPlan};
use crate::spec::{DayRange, Direction, Measure, Occurs, Sign};

/// What limits the candidates inside a block.
#[derive(Debug)]
pub struct Limiter<'a> {
    columns: [&'a Column; 2],
    rule: Rule<'a>,
}

#[derive(Debug)]
enum Rule<'a> {
    /// The key alone: in a large block, the nearest by amount or date. `graded`: other conditions rank too.
    Key {
        sign: Option<Sign>,
        graded: bool,
    },
    Within {
        comparison: Box<Comparison>,
        sign: Sign,
    },
    Days(DayRange),
    BusinessDays(DayRange, Calendar),
    Similar(Measure, Millionths),
    Occurs(Occurs),
    /// A value is shared. Among those who hold one that many do, the nearest as by the key alone.
    Shares {
        values: [&'a Column; 2],
        nulls_equal: bool,
        sign: Option<Sign>,
        graded: bool,
    },
}

/// A column that holds nothing.
const NOTHING: Column = Column::Absent;

fn column(side: &SideColumns, field: usize) -> &Column {
    side.fields.get(field).unwrap_or(&NOTHING)
}

impl<'a> Limiter<'a> {
    /// Binds the limiter of a pass.
    ///
    /// # Errors
    /// Those of [`Comparison::bind`]; [`Error::Internal`] for a condition that can't limit.
    pub fn bind(pass: &PassPlan, left: &'a SideColumns, right: &'a SideColumns, scale: u8) -> Result<Self> {
        let Some(condition) = pass.limiter.and_then(|at| pass.conditions.get(at)) else {
            return Ok(Self::by_key(pass, left, right));
        };
        let rule = match &condition.test {
            TestPlan::Within(within) => Rule::Within {
                comparison: Box::new(Comparison::bind(condition, left, right, scale)?),
                sign: within.sign,
            },
            TestPlan::Days(range) => Rule::Days(*range),
            TestPlan::BusinessDays(range, calendar) => Rule::BusinessDays(*range, Calendar::new(calendar)),
            TestPlan::Similar(measure, at_least) => Rule::Similar(*measure, *at_least),
            TestPlan::Occurs(occurs) => Rule::Occurs(*occurs),
            TestPlan::Equals => return Ok(Self::by_values((pass, condition), left, right)),
            TestPlan::Slip(_) | TestPlan::Levels(_) => {
                return Err(Error::Internal(format!(
                    "pass \"{}\" is limited by a condition that can't",
                    pass.name
                )));
            }
        };
        Ok(Self { columns: [column(left, condition.left), column(right, condition.right)], rule })
    }

    /// Whether it looks texts up. Such a search is never cut: whom it finds for one record doesn't depend on the
    /// other records of its side.
    pub(crate) fn looks_up_text(&self) -> bool {
        matches!(self.rule, Rule::Similar(..) | Rule::Occurs(_))
    }

    /// By an equality of many values.
    fn by_values(
        (pass, condition): (&PassPlan, &ConditionPlan),
        left: &'a SideColumns,
        right: &'a SideColumns,
    ) -> Self {
        let (columns, sign) = Self::nearness(pass, left, right);
        let values = [column(left, condition.left), column(right, condition.right)];
        let graded = pass.conditions.len() > 1;
        Self { columns, rule: Rule::Shares { values, nulls_equal: condition.nulls_equal, sign, graded } }
    }

    fn by_key(pass: &PassPlan, left: &'a SideColumns, right: &'a SideColumns) -> Self {
        let (columns, sign) = Self::nearness(pass, left, right);
        Self { columns, rule: Rule::Key { sign, graded: !pass.conditions.is_empty() } }
    }

    /// What the nearest are near in where nothing else limits: the amount, else the date.
    fn nearness(
        pass: &PassPlan,
        left: &'a SideColumns,
        right: &'a SideColumns,
    ) -> ([&'a Column; 2], Option<Sign>) {
        let amounts =
            pass.variance.filter(|v| !pass.key.iter().any(|key| key.left == v.left && key.right == v.right));
        let (fields, sign) = match (amounts, pass.days) {
            (Some(variance), _) => (Some((variance.left, variance.right)), Some(variance.sign)),
            (None, days) => (days, None),
        };
        (fields.map_or([&NOTHING; 2], |(a, b)| [column(left, a), column(right, b)]), sign)
    }

    /// Who is looked at for whom among the classes of a block, and how many index entries that took.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn neighbours(
        &self,
        classes: [&Classes; 2],
        most: Most,
        cancel: &Cancel,
    ) -> Result<(Neighbours, u64)> {
        self.neighbours_of(classes, most, &|_, _| true, cancel)
    }

    /// As [`neighbours`](Self::neighbours), for a search in which each class looks for itself: for a class that doesn't
    /// look (`looks`, by side) it may find nobody.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub(crate) fn neighbours_of(
        &self,
        classes: [&Classes; 2],
        most: Most,
        looks: &impl Fn(usize, u32) -> bool,
        cancel: &Cancel,
    ) -> Result<(Neighbours, u64)> {
        let window = most.window;
        let day = |class: u32, side: usize| match self.columns[side] {
            Column::Date(dates) => dates.get(classes[side].first(class)).map(i128::from),
            _ => None,
        };
        let found = match &self.rule {
            Rule::Key { sign, graded } => {
                self.key_neighbours(Looked::all(classes), (*sign, *graded), most, looks)
            }
            Rule::Shares { values, nulls_equal, sign, graded } => {
                let search = |holders: Looked<'_>| {
                    let looks = |side: usize, at: u32| looks(side, holders.class(side, at));
                    self.key_neighbours(holders, (*sign, *graded), most, &looks)
                };
                Neighbours::Shared(Box::new(Shared::of(classes, *values, *nulls_equal, search)))
            }
            Rule::Within { comparison, sign } => {
                let values = [self.amounts(classes, 0, *sign), self.amounts(classes, 1, *sign)];
                windows([&values[0], &values[1]], window, looks, |side, class, value, other| {
                    let row = classes[side].first(class);
                    let holds = |them: u32| holds(comparison, side, row, classes[1 - side].first(them));
                    (other.around(value, holds), value)
                })
            }
            Rule::Days(range) => day_windows(classes, (window, *range), looks, day),
            Rule::BusinessDays(range, calendar) => {
                day_windows(classes, (window, *range), looks, |class, side| {
                    day(class, side)
                        .and_then(|day| i32::try_from(day).ok())
                        .map(|day| i128::from(calendar.index(day)))
                })
            }
            Rule::Similar(measure, at_least) => {
                return self.similar(classes, (*measure, *at_least), most.hits, cancel);
            }
            Rule::Occurs(occurs) => return self.occurs(classes, *occurs, most.hits, cancel),
        };
        Ok((found, 0))
    }

    /// A block without another limiter: everybody while it is small, else the nearest by amount or date.
    fn key_neighbours(
        &self,
        classes: Looked<'_>,
        (sign, graded): (Option<Sign>, bool),
        Most { window, few, .. }: Most,
        looks: &impl Fn(usize, u32) -> bool,
    ) -> Neighbours {
        let most = if graded { window.max(few) } else { few };
        if classes.len(0).max(classes.len(1)) <= few {
            return Neighbours::All;
        }
        let values = |side: usize| match (self.columns[side], sign) {
            (Column::Amount(_), Some(sign)) => or_last(self.amounts_of(classes, side, sign)),
            (Column::Date(dates), _) => {
                or_last(classes.firsts(side).map(|row| dates.get(row).map(i128::from)).collect())
            }
            // Nothing to be near in: the canonical order is at least the same for every order of rows.
            _ => (0..classes.len(side)).map(|class| Some(class as i128)).collect(),
        };
        let values = [values(0), values(1)];
        windows([&values[0], &values[1]], most, looks, |_, _, value, other| (0..other.values.len(), value))
    }

    /// Amounts of a side as the sign rule compares them.
    fn amounts(&self, classes: [&Classes; 2], side: usize, sign: Sign) -> Values {
        self.amounts_of(Looked::all(classes), side, sign)
    }

    fn amounts_of(&self, classes: Looked<'_>, side: usize, sign: Sign) -> Values {
        let Column::Amount(amounts) = self.columns[side] else { return vec![None; classes.len(side)] };
        let comparable = |amount: i128| match (sign, side) {
            (Sign::Same, _) | (Sign::Opposite, 0) => amount,
            (Sign::Opposite, _) => amount.saturating_neg(),
            (Sign::Ignore, _) => amount.saturating_abs(),
        };
        classes.firsts(side).map(|row| amounts.get(row).map(comparable)).collect()
    }

    fn texts<'b>(&'b self, classes: &'b Classes, side: usize) -> Vec<Option<&'b str>> {
        let Column::Text(texts) = self.columns[side] else { return vec![None; classes.len()] };
        (0..row_of(classes.len())).map(|class| text(texts, classes.first(class))).collect()
    }

    fn similar(
        &self,
        classes: [&Classes; 2],
        (measure, at_least): (Measure, Millionths),
        most: usize,
        cancel: &Cancel,
    ) -> Result<(Neighbours, u64)> {
        let (left, right) = (self.texts(classes[0], 0), self.texts(classes[1], 1));
        let index = TextIndex::build(measure, at_least, &right);
        let mut scratch = TextScratch::default();
        let mut work = 0;
        let lists = look_up(&left, right.len(), most, cancel, |text, found| {
            work += index.candidates(text, &mut scratch, found);
        })?;
        Ok((Neighbours::Lists(Box::new(lists)), work))
    }

    fn occurs(
        &self,
        classes: [&Classes; 2],
        occurs: Occurs,
        most: usize,
        cancel: &Cancel,
    ) -> Result<(Neighbours, u64)> {
        let (left, right) = (self.texts(classes[0], 0), self.texts(classes[1], 1));
        // For each of `longer`, which of `shorter` stand in it.
        let standing_in = |longer: &[Option<&str>], shorter: &[Option<&str>]| {
            let index = OccursIndex::build(shorter, occurs.min_length)?;
            look_up(longer, shorter.len(), most, cancel, |text, found| {
                index.find(text, found);
            })
        };
        let left_in_right = || standing_in(&right, &left).map(|[of_right, of_left]| [of_left, of_right]);
        let lists = match occurs.direction {
            Direction::RightInLeft => standing_in(&left, &right)?,
            Direction::LeftInRight => left_in_right()?,
            Direction::Either => {
                let ([of_left, of_right], [more_left, more_right]) =
                    (standing_in(&left, &right)?, left_in_right()?);
                [union(&of_left, &more_left, most), union(&of_right, &more_right, most)]
            }
        };
        let work = lists[0].items.len() as u64;
        Ok((Neighbours::Lists(Box::new(lists)), work))
    }
}

fn text(texts: &TextColumn, row: Row) -> Option<&str> {
    texts.get(row)
}

/// Whether a comparison holds, seen from either side.
fn holds(comparison: &Comparison, side: usize, row: Row, other: Row) -> bool {
    let (left, right) = if side == 0 { (row, other) } else { (other, row) };
    matches!(comparison.grade(left, right), crate::compare::Grade::Holds(_))
}

/// Nulls of a ranking dimension stand after all values: a null is no reason not to be looked at.
fn or_last(values: Values) -> Values {
    values.into_iter().map(|value| value.or(Some(i128::MAX))).collect()
}

/// Windows of a day range. `day` gives the (business) day of a class of a side.
fn day_windows(
    classes: [&Classes; 2],
    (most, range): (usize, DayRange),
    looks: &impl Fn(usize, u32) -> bool,
    day: impl Fn(u32, usize) -> Option<i128>,
) -> Neighbours {
    let values =
        |side: usize| -> Values { (0..row_of(classes[side].len())).map(|class| day(class, side)).collect() };
    let (from, to) = (i128::from(range.from), i128::from(range.to));
    let expected = 0_i128.clamp(from, to);
    let (left, right) = (values(0), values(1));
    windows([&left, &right], most, looks, |side, _, value, other: &Sorted| {
        if side == 0 {
            (other.between(value + from, value + to), value + expected)
        } else {
            (other.between(value - to, value - from), value - expected)
        }
    })
}

/// For each query the first `most` of its hits, and for each of the `others` the first `most` queries that hit it; a null
/// hits nothing. Queries are in canonical order, and so are hits.
fn look_up(
    queries: &[Option<&str>],
    others: usize,
    most: usize,
    cancel: &Cancel,
    mut hits: impl FnMut(&str, &mut Vec<u32>),
) -> Result<[Lists; 2]> {
    let mut forward = Lists::none();
    let (mut found, mut back, mut counts) = (Vec::new(), Vec::new(), vec![0_usize; others]);
    for (query, text) in (0_u32..).zip(queries) {
        cancel.check()?;
        found.clear();
        if let Some(text) = text {
            hits(text, &mut found);
        }
        forward.push(&found, most);
        if most == usize::MAX {
            continue;
        }
        for hit in &found {
            let count = &mut counts[*hit as usize];
            if *count < most {
                back.push((*hit, query));
            }
            *count += 1;
        }
    }
    let backward = if most == usize::MAX {
        forward.inverted(others)
    } else {
        Lists::of_pairs(back, counts.into_iter().map(|count| count > most).collect())
    };
    Ok([forward, backward])
}

fn union(a: &Lists, b: &Lists, most: usize) -> Lists {
    let mut lists = Lists::none();
    for class in 0..row_of(a.starts.len().saturating_sub(1)) {
        let mut both: Vec<u32> = a.of(class).iter().chain(b.of(class)).copied().collect();
        both.sort_unstable();
        both.dedup();
        lists.push(&both, most);
    }
    for (cut, more) in lists.cut.iter_mut().zip(a.cut.iter().zip(&b.cut)) {
        *cut |= more.0 | more.1;
    }
    lists
}
