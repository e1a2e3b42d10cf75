//! What an explanation holds, as plain data. `docs/spec/outcome.md` documents every key.
//!
//! Scores, grades, gains, weights and regrets are integers in millionths: a reader can redo the sums exactly. Amounts
//! are decimals written as text.

use crate::columns::Row;
use crate::plan::Side;
use serde::Serialize;

/// The story of a group or of a record. Its text is for people, its serde form for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Explanation {
    /// Of a group.
    Group(Box<GroupStory>),
    /// Of a record.
    Record(Box<RecordStory>),
}

/// A record, as it is named everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordName {
    /// `left` or `right`.
    pub side: &'static str,
    /// The source's name.
    pub source: String,
    /// Its row in the source, from 0, through all files.
    pub row: u64,
    /// Its id; null where it is null or not mapped.
    pub id: Option<String>,
}

/// A file, and a record's place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FilePlace {
    /// The path as the caller names it.
    pub path: String,
    /// The record's row in this file, from 0, headers not counted.
    pub row: u64,
}

/// A cell of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CellStory {
    /// The field.
    pub field: String,
    /// The physical column or columns it is read from, and how.
    pub column: String,
    /// Its value as prepared; null where it is null.
    pub value: Option<String>,
    /// Why it can't be read, where that is so and was kept.
    pub issue: Option<IssueStory>,
}

/// A cell, or a row, that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IssueStory {
    /// The cell as it was given.
    pub value: String,
    /// What is wrong with it.
    pub problem: String,
}

/// All about one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordStory {
    /// The record.
    pub record: RecordName,
    /// Where it was read, where files are known.
    pub file: Option<FilePlace>,
    /// Whether an earlier run left it open and it was carried into this one, or stands in the place of such a record.
    pub carried: bool,
    /// The day since which it is open, where it was carried and that day is known: `2026-01-31`.
    pub first_seen: Option<String>,
    /// What its group takes of it, where that is not all.
    pub in_part: Option<PartStory>,
    /// Why none of its cells can be read, where that is so.
    pub issue: Option<IssueStory>,
    /// Its cells, in the order of the fields.
    pub cells: Vec<CellStory>,
    /// `excluded`, `unreadable`, `open`, `matched` or `proposed`.
    pub state: &'static str,
    /// For an excluded record: what it would have had to hold, in words. Where a test on a column that no field maps
    /// may have left it out, all of these are listed.
    pub excluded_by: Vec<String>,
    /// The group that holds it.
    pub group: Option<GroupName>,
    /// Why it is open.
    pub open: Option<OpenStory>,
    /// The passes in order, up to the one that put it in a group.
    pub passes: Vec<PassStory>,
}

/// A record that its group takes in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartStory {
    /// What the group takes of its amount.
    pub taken: String,
    /// What is left of it, and open.
    pub left: String,
}

/// A group, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GroupName {
    /// As in the table `groups`.
    pub group_id: u64,
    /// The pass that made it.
    pub pass: String,
    /// `matched` or `proposed`.
    pub status: &'static str,
    /// `unique`, `interchangeable`, `ambiguous`, `limited`.
    pub ambiguity: &'static str,
    /// The other members.
    pub with: Vec<RecordName>,
}

/// Why a record is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenStory {
    /// As in the table `breaks`.
    pub reason: &'static str,
    /// The same in words.
    pub words: String,
    /// The pass that gave the evidence.
    pub pass: Option<String>,
    /// The nearest record.
    pub nearest: Option<RecordName>,
    /// The record that took it.
    pub rival: Option<RecordName>,
    /// Score of the candidate with the nearest record, in millionths.
    pub score: Option<u32>,
    /// What the nearest record lacks, in words.
    pub lacks: Option<String>,
}

/// What one pass did with a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PassStory {
    /// Its number, from 1.
    pub number: usize,
    /// Its name.
    pub pass: String,
    /// `1:1` or `same_side`.
    pub cardinality: &'static str,
    /// Whether the record took part.
    pub entered: bool,
    /// Why it had no part in it, or could have no candidate.
    pub why_not: Option<String>,
    /// The equalities of the key, with the record's values.
    pub key: Vec<KeyStory>,
    /// Open records that share its key then: of its own side, itself included, and of the other. In a `same_side`
    /// pass: of its own sign and of the other.
    pub block: Option<[u64; 2]>,
    /// How many candidates it had, in records.
    pub candidates_count: u64,
    /// Whether a limit kept records from being looked at for it.
    pub limited: bool,
    /// The best of them, best first.
    pub candidates: Vec<CandidateStory>,
    /// Without a candidate: the record that came nearest.
    pub nearest: Option<NearestStory>,
}

/// An equality of a key, and the value a record has there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeyStory {
    /// The field, `left = right` where the names differ.
    pub field: String,
    /// The value; null where it is null.
    pub value: Option<String>,
}

/// A candidate, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CandidateStory {
    /// The other record.
    pub record: RecordName,
    /// Records equal to it in all used fields that were open then too.
    pub equal_records: u32,
    /// Its score.
    pub score: u32,
    /// What it is worth: the score above the pass's floor.
    pub gain: u32,
    /// The variance by the pass's sign rule.
    pub variance: Option<String>,
    /// right − left in calendar days.
    pub days: Option<i64>,
    /// What the pass requires and grades.
    pub conditions: Vec<Verdict>,
    /// `chosen`; `taken`: the record went to another; `passed_over`: it stayed open, its partner was another;
    /// `freed`: tied, and the pass leaves ties open; `cut`: a limit dropped it.
    pub fate: &'static str,
    /// The same in words.
    pub words: String,
    /// Who took the record, or the partner that was preferred to it.
    pub winner: Option<RecordName>,
    /// By how much the winner's candidate is better; a negative figure: by how much it is worse.
    pub behind: Option<Behind>,
}

/// How much better one candidate is than another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Behind {
    /// Score, in millionths.
    pub score: i64,
    /// \|variance\| that it has less.
    pub variance: String,
    /// \|days\| that it has less.
    pub days: i64,
}

/// The record that came nearest to being a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NearestStory {
    /// The record.
    pub record: RecordName,
    /// What it lacked, in words; empty where a limit kept it from being looked at.
    pub lacks: Vec<String>,
    /// What the pass requires and grades.
    pub conditions: Vec<Verdict>,
}

/// What one condition says of two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Field on the left (in a `same_side` pass: of the positive record).
    pub left: String,
    /// Field on the right (in a `same_side` pass: of the negative record).
    pub right: String,
    /// What is tested, in words.
    pub test: String,
    /// Whether it is an equality of the key.
    pub key: bool,
    /// Whether a candidate must satisfy it.
    pub required: bool,
    /// `holds`, `fails` or `null` (a value is missing).
    pub verdict: &'static str,
    /// The value on the left.
    pub left_value: Option<String>,
    /// The value on the right.
    pub right_value: Option<String>,
    /// What lies between them: an amount, days, a likeness.
    pub difference: Option<String>,
    /// The most there may be, rounded down to the run's scale; for a likeness the least.
    pub allowance: Option<String>,
    /// How well it holds; null where it doesn't.
    pub grade: Option<u32>,
    /// Its part in the score; null for an equality of the key, whose weights are one step together.
    pub weight: Option<u64>,
    /// What it lacks, in words, where it is required and does not hold.
    pub lacks: Option<String>,
    /// What its level adds to the evidence, in thousandths of a bit; null for a condition without levels.
    pub millibits: Option<i32>,
    /// How much of that the frequency of the value makes; null where it doesn't count.
    pub millibits_by_frequency: Option<i32>,
    /// Of an equality of many values, those that both records have, joined as in a cell; the first few. `None` for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
}

/// A score, step by step: Σ weight × grade / Σ weight, to the nearest millionth, halves up; or, where `evidence` is not
/// null, the probability that bits add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ScoreSteps {
    /// The steps, the key first.
    pub steps: Vec<ScoreStep>,
    /// Σ weight × grade, in millionths of millionths, as text.
    pub sum: String,
    /// Σ weight, in millionths, as text.
    pub weights: String,
    /// The score, in millionths; 1,000,000 where Σ weight is 0.
    pub score: u32,
    /// What a score by probability is made of; null where the score is of grades.
    pub evidence: Option<EvidenceSteps>,
}

/// A probability, step by step: 1 / (1 + 2^−bits), the bits being those of the prior and of every condition's level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EvidenceSteps {
    /// The pass's prior, as a decimal.
    pub prior: String,
    /// Its log-odds, in thousandths of a bit.
    pub prior_millibits: i64,
    /// The steps, in the order of the conditions.
    pub steps: Vec<EvidenceStep>,
    /// Their sum with the prior, in thousandths of a bit.
    pub millibits: i64,
}

/// What one condition says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EvidenceStep {
    /// The fields, and the level that holds.
    pub what: String,
    /// What it adds, in thousandths of a bit.
    pub millibits: i32,
    /// How much of that the frequency of the value makes; null where it doesn't count.
    pub millibits_by_frequency: Option<i32>,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ScoreStep {
    /// `key`, or the fields and the test.
    pub what: String,
    /// Its weight, in millionths.
    pub weight: u64,
    /// Its grade, in millionths; 0 where a condition that is not required fails.
    pub grade: u32,
    /// Weight × grade, as text.
    pub product: String,
}

/// All about one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GroupStory {
    /// As in the table `groups`.
    pub group_id: u64,
    /// The pass that made it.
    pub pass: String,
    /// `1:1` or `same_side`.
    pub cardinality: &'static str,
    /// `matched` or `proposed`.
    pub status: &'static str,
    /// Why it is proposed, in words.
    pub proposed_because: Option<String>,
    /// `unique`, `interchangeable`, `ambiguous`, `limited`.
    pub ambiguity: &'static str,
    /// The same in words.
    pub ambiguity_words: String,
    /// Its left members; in a `same_side` group the positive ones.
    pub left: Vec<MemberStory>,
    /// Its right members; in a `same_side` group the negative ones.
    pub right: Vec<MemberStory>,
    /// What became of its amounts before they were compared, by side, where the pass has fees or converts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<TermStory>,
    /// What the pass requires and grades.
    pub conditions: Vec<Verdict>,
    /// Its score, step by step.
    pub score: ScoreSteps,
    /// What it is worth to the pass: its score above the floor.
    pub gain: u32,
    /// Gain lost if it were forbidden; null where it was not computed.
    pub regret: Option<u32>,
    /// The same in words.
    pub regret_words: String,
    /// The variance by the pass's sign rule.
    pub variance: Option<String>,
    /// right − left in calendar days.
    pub days: Option<i64>,
    /// Candidates that could have taken a member's place: as in the table `groups`.
    pub rivals_count: u32,
    /// By member, left ones first: the best of them.
    pub rivals: Vec<RivalStory>,
    /// For a tied group: pairs that other optimal answers make of its members, best first.
    pub alternatives: Vec<AlternativeStory>,
    /// How many alternatives there are.
    pub alternatives_count: u64,
}

/// From the amounts of a group's records on one side to the sum that was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TermStory {
    /// `left` or `right`.
    pub side: &'static str,
    /// The source's name.
    pub source: String,
    /// The sum of the amounts as they stand; null where one is.
    pub gross: Option<String>,
    /// What is kept back of it, in its own currency; null where the pass keeps nothing back.
    pub fee: Option<String>,
    /// Whether what is left became the other side's currency.
    pub converts: bool,
    /// The sum that was compared; null where an amount or a rate is not known.
    pub compared: Option<String>,
}

/// A member of a group, with its cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MemberStory {
    /// The record.
    pub record: RecordName,
    /// Where it was read, where files are known.
    pub file: Option<FilePlace>,
    /// What the group takes of it, where that is not all.
    pub in_part: Option<PartStory>,
    /// Its cells, in the order of the fields.
    pub cells: Vec<CellStory>,
}

/// The other candidates of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RivalStory {
    /// The member.
    pub member: RecordName,
    /// How many other candidates it had, in records.
    pub count: u64,
    /// The best of them, best first.
    pub candidates: Vec<CandidateStory>,
}

/// A pair of another optimal answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AlternativeStory {
    /// The left record; in a `same_side` pass the positive one.
    pub left: RecordName,
    /// The right record; in a `same_side` pass the negative one.
    pub right: RecordName,
    /// Its score, in millionths.
    pub score: u32,
}

/// What is to be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The group with this `group_id`.
    Group(u64),
    /// The record at this row of a source, from 0.
    Record {
        /// Its side.
        side: Side,
        /// Its row.
        row: u64,
    },
    /// The record with this id, as the tables write it.
    Id {
        /// Its side.
        side: Side,
        /// Its id.
        id: String,
        /// Which of several records with this id, in canonical order from 1. `None` where the id is repeated is
        /// an error that names their rows.
        occurrence: Option<u32>,
    },
}

/// A member's place in a pair: its side and row.
pub(super) type Place = (Side, Row);
