//! What a person asks to be explained, in their own names.

use crate::error::Result;
use recon378_core::error::{Mistake, Mistakes};
use recon378_core::explain::{Explanation, Subject};
use recon378_core::outcome::Outcome;
use recon378_core::plan::Side;
use recon378_core::{Cancel, Error as CoreError};

/// A question about an outcome: a group by its `group`; a record by its `record` (`bank:4711` is the id 4711 of the
/// source bank, `bank#17` its row 17), or by its `side` with `id` or `row`. Sources go by their names, or by `left` and
/// `right`.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Question {
    /// A `group_id`.
    pub group: Option<u64>,
    /// A record: `bank:4711`, `bank#17`. What follows the first mark after the source's name is the id, whatever
    /// characters it has.
    pub record: Option<String>,
    /// The source of a record.
    pub side: Option<String>,
    /// The record's id, as the tables write it.
    pub id: Option<String>,
    /// The record's row, from 0.
    pub row: Option<u64>,
    /// Which of several records with this id, in canonical order from 1.
    pub occurrence: Option<u32>,
}

impl Question {
    /// About a group.
    #[must_use]
    pub fn group(id: u64) -> Self {
        Self { group: Some(id), ..Self::default() }
    }

    /// About a record: `bank:4711`, `bank#17`.
    #[must_use]
    pub fn record(record: impl Into<String>) -> Self {
        Self { record: Some(record.into()), ..Self::default() }
    }

    /// Reads a question that a program wrote as JSON.
    ///
    /// # Errors
    /// `bad_question`, with what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|error| {
            let expected = "group; or record; or side with id or row, and occurrence";
            CoreError::call(Mistake::new("bad_question", "", error.to_string(), expected)).into()
        })
    }

    /// What is meant in an outcome.
    fn subject(&self, outcome: &Outcome) -> Result<Subject> {
        let Self { group, record, side, id, row, occurrence } = self;
        match (group, record, side, id, row) {
            (Some(group), None, None, None, None) if occurrence.is_none() => Ok(Subject::Group(*group)),
            (None, Some(record), None, None, None) => named(outcome, record, *occurrence),
            (None, None, Some(side), Some(id), None) => {
                let side = outcome.side_named(side)?;
                Ok(Subject::Id { side, id: id.clone(), occurrence: *occurrence })
            }
            (None, None, Some(side), None, Some(row)) if occurrence.is_none() => {
                Ok(Subject::Record { side: outcome.side_named(side)?, row: *row })
            }
            _ => Err(self.unclear()),
        }
    }

    fn unclear(&self) -> crate::Error {
        let given = [
            ("group", self.group.is_some()),
            ("record", self.record.is_some()),
            ("side", self.side.is_some()),
            ("id", self.id.is_some()),
            ("row", self.row.is_some()),
            ("occurrence", self.occurrence.is_some()),
        ];
        let given: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
        let given = if given.is_empty() { "nothing".to_owned() } else { given.join(", ") };
        let expected = "group; or record; or side with id or row. An occurrence goes with an id";
        CoreError::call(Mistake::new("bad_question", "", given, expected)).into()
    }
}

/// `bank:4711` and `bank#17`. A source's own name comes before `left` and `right`, and the longer one first: names may
/// hold the marks too.
fn named(outcome: &Outcome, record: &str, occurrence: Option<u32>) -> Result<Subject> {
    let mut names: Vec<(&str, Side)> =
        Side::BOTH.iter().map(|side| (outcome.plan().names[side.index()].as_str(), *side)).collect();
    names.sort_by_key(|(name, side)| (std::cmp::Reverse(name.len()), *side));
    names.extend(Side::BOTH.iter().map(|side| (side.name(), *side)));
    let mut mistakes = Vec::new();
    for (name, side) in names {
        let Some(rest) = record.strip_prefix(name) else { continue };
        if let Some(id) = rest.strip_prefix(':') {
            return Ok(Subject::Id { side, id: id.to_owned(), occurrence });
        }
        let Some(row) = rest.strip_prefix('#') else { continue };
        match (row.parse(), occurrence) {
            (Ok(row), None) => return Ok(Subject::Record { side, row }),
            (Ok(_), Some(_)) => mistakes.push(mistake(record, "no occurrence beside a row")),
            (Err(_), _) => mistakes.push(mistake(record, "the number of a row after #, from 0")),
        }
        break;
    }
    if mistakes.is_empty() {
        let plan = outcome.plan();
        let names = || plan.sides().map(|side| plan.names[side.index()].as_str());
        let each = |what: &str| names().map(|name| format!("{name}{what}")).collect::<Vec<_>>().join(", ");
        let expected = format!("{}, or a row: {}", each(":ID"), each("#ROW"));
        mistakes.push(mistake(record, &expected));
    }
    Err(CoreError::Call(Mistakes(mistakes)).into())
}

fn mistake(given: &str, expected: &str) -> Mistake {
    Mistake::new("bad_question", "record", format!("\"{given}\""), expected)
}

/// Tells the full story of a group or a record: [`Outcome::explain`] in a person's own names. Print it, or
/// serialise it.
///
/// ```
/// use arrow_array::record_batch;
/// use recon378::{Question, Spec, explain, reconcile};
///
/// let bank = record_batch!(("id", Utf8, ["B1", "B2"]), ("amount", Utf8, ["10.50", "7.00"]))?;
/// let ledger = record_batch!(("id", Utf8, ["L1", "L2"]), ("amount", Utf8, ["7.00", "9.99"]))?;
/// let outcome = reconcile(&Spec::short(&["amount"])?, &bank, &ledger)?;
/// let story = explain(&outcome, &Question::record("left:B2"))?;
/// assert!(story.to_string().starts_with("left:B2 (row 1): matched with right:L1 (row 0)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// `bad_question`, `unknown_source`; those of [`Outcome::explain`].
pub fn explain(outcome: &Outcome, question: &Question) -> Result<Explanation> {
    explain_until(outcome, question, &Cancel::new())
}

/// [`explain`] that ends when `cancel` is set, from any thread; it then fails with the kind `cancelled`.
///
/// # Errors
/// As [`explain`]; cancellation.
pub fn explain_until(outcome: &Outcome, question: &Question, cancel: &Cancel) -> Result<Explanation> {
    Ok(outcome.explain_until(&question.subject(outcome)?, cancel)?)
}
