//! Scores by probability, the long way: logarithms of what the page says, rounded where it says so.

use super::Run;
use super::grade::grade_by;
use super::value::Value;
use recon378_core::columns::Row;
use recon378_core::compare::Grade;
use recon378_core::plan::{ConditionPlan, LevelsPlan, PassPlan, Side, TestPlan};

impl Run<'_> {
    /// The probability of a pair in millionths, whatever is required; `None` where the score is of grades.
    pub(super) fn probability(&self, pass: &PassPlan, left: (Side, Row), right: (Side, Row)) -> Option<u32> {
        let prior: f64 = pass.prior?.probability.to_string().parse().ok()?;
        let mut thousandths = thousandths((prior / (1.0 - prior)).log2());
        for condition in &pass.conditions {
            if let TestPlan::Levels(levels) = &condition.test {
                thousandths += self.weighed(condition, levels, (left, right));
            }
        }
        let bits = f64::from(thousandths) / 1000.0;
        let millionths = 1_000_000.0 / (1.0 + (-bits).exp2());
        format!("{millionths:.0}").parse().ok()
    }

    fn weighed(
        &self,
        condition: &ConditionPlan,
        levels: &LevelsPlan,
        (left, right): ((Side, Row), (Side, Row)),
    ) -> i32 {
        let from = self.table.get(left.0, left.1, condition.left);
        let to = self.table.get(right.0, right.1, condition.right);
        if from.is_null() || to.is_null() {
            return levels.null;
        }
        let scale = self.columns.scale;
        let held = levels
            .levels
            .iter()
            .find(|level| matches!(grade_by(&level.test, condition, (from, to), scale), Grade::Holds(_)));
        match held {
            None => levels.otherwise,
            Some(level) if level.frequency => level.millibits + self.by_frequency(condition, from),
            Some(level) => level.millibits,
        }
    }

    /// log2(average frequency / frequency of the value): the average is that of the value of a record picked at random.
    fn by_frequency(&self, condition: &ConditionPlan, value: &Value) -> i32 {
        let of = |side: Side, field| {
            let rows = (0..self.table.rows(side)).filter(move |row| self.columns.side(side).takes_part(*row));
            rows.map(move |row| self.table.get(side, row, field)).filter(|value| !value.is_null())
        };
        let all: Vec<&Value> =
            of(Side::Left, condition.left).chain(of(Side::Right, condition.right)).collect();
        let frequency = |value: &Value| {
            let count =
                u32::try_from(all.iter().filter(|other| **other == value).count()).unwrap_or(u32::MAX);
            f64::from(count) / f64::from(u32::try_from(all.len()).unwrap_or(u32::MAX))
        };
        let records = f64::from(u32::try_from(all.len()).unwrap_or(u32::MAX));
        let average = all.iter().map(|value| frequency(value)).sum::<f64>() / records;
        thousandths((average / frequency(value)).log2())
    }
}

fn thousandths(bits: f64) -> i32 {
    format!("{:.0}", bits * 1000.0).parse().unwrap_or(0)
}
