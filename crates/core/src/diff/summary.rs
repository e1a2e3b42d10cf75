//! The figures of a diff.

use serde::Serialize;

/// Cells of the tie-out that a summary lists: those that changed come first; all of them stand in the table `tie_out`.
pub const SUMMARY_CELLS_MAX: usize = 1_000;

/// The figures of a diff. Amounts are exact decimals in text; pairs are old and new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffSummary {
    /// [`super::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Whether nothing differs: no group, no open record and its reason, no term of the tie-out.
    pub equal: bool,
    /// What the outcomes are called: folders, specs, `old` and `new`.
    pub names: [String; 2],
    /// What tells that the outcomes are not of the same records.
    pub warnings: Vec<DiffWarning>,
    /// Left, right.
    pub sources: [DiffSource; 2],
    /// Groups by what became of them: all kinds, in their order.
    pub groups: Vec<DiffGroups>,
    /// Records that are grouped, open or excluded otherwise than before, by kind and side, those that occur.
    pub records: Vec<DiffRecords>,
    /// From where to where the records went: every record of both inputs is in exactly one line.
    pub flows: Vec<DiffFlow>,
    /// The terms of the tie-out.
    pub tie_out: DiffTieOut,
}

/// A reason to doubt that the outcomes can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffWarning {
    /// `records_differ`, `ids_differ`, `content_differs`, `cells_differ`.
    pub code: &'static str,
    /// `left` or `right`; none where it concerns both.
    pub side: Option<&'static str>,
    /// In words.
    pub text: String,
}

/// How records of two outcomes are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// By their place in the source.
    Row,
    /// By their id: the inputs differ, and every id is there once.
    Id,
}

/// One source in both outcomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffSource {
    /// `left` or `right`.
    pub side: &'static str,
    /// Its user-facing names.
    pub names: [String; 2],
    /// Records read.
    pub records: [u64; 2],
    /// How its records were brought together.
    pub matched_by: MatchedBy,
}

/// What became of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// The same records, and everything that is compared is the same.
    Unchanged,
    /// The same records under another pass, status, ambiguity, score, currency or amount.
    Changed,
    /// Some of its records are grouped otherwise.
    Regrouped,
    /// None of its records is in a new group that isn't told already.
    Vanished,
    /// None of its records was in an old group that isn't told already.
    Appeared,
}

impl GroupKind {
    /// All of them, in their order.
    pub const ALL: [Self; 5] =
        [Self::Unchanged, Self::Changed, Self::Regrouped, Self::Vanished, Self::Appeared];

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Regrouped => "regrouped",
            Self::Vanished => "vanished",
            Self::Appeared => "appeared",
        }
    }
}

/// Groups of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffGroups {
    /// What became of them.
    pub kind: GroupKind,
    /// Groups, old and new.
    pub groups: [u64; 2],
    /// By currency; empty where no amount is tied out.
    pub amounts: Vec<DiffGroupAmounts>,
}

/// Amounts of groups of one currency, old and new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffGroupAmounts {
    /// The currency; none where it is unknown or mixed.
    pub currency: Option<String>,
    /// Σ `left_amount`.
    pub left: [String; 2],
    /// Σ `right_amount`.
    pub right: [String; 2],
    /// Σ `net`.
    pub net: [String; 2],
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// Was open, is in a group.
    Grouped,
    /// Was in a group, is open.
    Opened,
    /// In a group of other records than before.
    Regrouped,
    /// In a group of the same records, matched instead of proposed or the other way round.
    StatusChanged,
    /// Open as before, with another reason.
    ReasonChanged,
    /// Was excluded or absent, takes part now.
    Entered,
    /// Took part, is excluded or absent now.
    Gone,
}

impl RecordKind {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::Grouped,
        Self::Opened,
        Self::Regrouped,
        Self::StatusChanged,
        Self::ReasonChanged,
        Self::Entered,
        Self::Gone,
    ];

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Grouped => "grouped",
            Self::Opened => "opened",
            Self::Regrouped => "regrouped",
            Self::StatusChanged => "status_changed",
            Self::ReasonChanged => "reason_changed",
            Self::Entered => "entered",
            Self::Gone => "gone",
        }
    }
}

/// Records of one kind and side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffRecords {
    /// What became of them.
    pub kind: RecordKind,
    /// `left` or `right`.
    pub side: &'static str,
    /// How many.
    pub records: u64,
    /// By currency; empty where no amount is tied out.
    pub amounts: Vec<DiffAmount>,
}

/// An amount of one currency, old and new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffAmount {
    /// The currency; none where it is unknown.
    pub currency: Option<String>,
    /// Σ of the records' amounts.
    pub amount: [String; 2],
}

/// Records that went one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffFlow {
    /// `left` or `right`.
    pub side: &'static str,
    /// `matched`, `proposed`, `open`, `excluded`, `absent`.
    pub was: &'static str,
    /// The pass that grouped them, or the reason they were open for.
    pub was_by: Option<String>,
    /// As `was`.
    pub is: &'static str,
    /// As `was_by`.
    pub is_by: Option<String>,
    /// How many.
    pub records: u64,
    /// By currency; empty where no amount is tied out, and for records that neither outcome looked at.
    pub amounts: Vec<DiffAmount>,
}

/// The terms of the tie-out in every cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffTieOut {
    /// Fields whose values make a cell.
    pub by: Vec<String>,
    /// How many cells there are in either outcome.
    pub cells_count: u64,
    /// How many have a term that changed.
    pub changed_count: u64,
    /// The first cells: changed ones before the others.
    pub cells: Vec<DiffCell>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffCell {
    /// Its values.
    pub cell: Vec<Option<String>>,
    /// `left`, `right`, `matched`, `proposed`, `open_left`, `open_right`.
    pub terms: Vec<TermChange>,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TermChange {
    /// Its name.
    pub term: &'static str,
    /// Before; none where no amount is tied out.
    pub old: Option<String>,
    /// After.
    pub new: Option<String>,
    /// New − old.
    pub change: Option<String>,
}

impl DiffSummary {
    /// As JSON, with a line feed at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings and numbers always have a JSON form.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Groups of a kind, old and new.
    #[must_use]
    pub fn groups_of(&self, kind: GroupKind) -> [u64; 2] {
        self.groups.iter().find(|groups| groups.kind == kind).map_or([0; 2], |groups| groups.groups)
    }
}
