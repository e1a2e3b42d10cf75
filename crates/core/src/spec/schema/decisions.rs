//! The schema of decisions.

use super::{Name, OneOrMore, Scalar, exactly_one};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A file of decisions, files, or the decisions themselves.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
pub(super) enum Decisions {
    /// A file with one row per member of a decision.
    File(Name),
    /// Such files, in order.
    Files(DecisionPaths),
    /// Such files, with what `left` and `right` mean in them.
    Long(DecisionFiles),
    /// One after the other.
    Listed(Vec<Decision>),
}

/// Paths, at least one.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct DecisionPaths(#[schemars(length(min = 1))] Vec<Name>);

/// Files of decisions.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionFiles {
    /// The file or files, in order.
    path: OneOrMore,
    /// Whether `left` in the files means the right source, as after mirroring a spec. Default false.
    swapped: Option<bool>,
}

/// What a person says of some records: at least two of them.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    /// What it is called. Default: its place in the list, from 1.
    decision: Option<Label>,
    /// accept: yes to a proposed group. force: a group of one's own. reject: never this group, in any pass.
    kind: WireDecisionKind,
    /// The left records. Default: none.
    left: Option<Vec<Record>>,
    /// The right records. Default: none.
    right: Option<Vec<Record>>,
}

/// What a decision says.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DecisionKind")]
enum WireDecisionKind {
    /// Yes to a proposed group.
    Accept,
    /// Never this group.
    Reject,
    /// A group of one's own.
    Force,
}

/// Text, or a number that stands for its text.
#[derive(Serialize)]
struct Label(String);

impl JsonSchema for Label {
    fn schema_name() -> Cow<'static, str> {
        "Label".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number"],
            "minLength": 1,
            "maxLength": 1000,
            "pattern": "\\S",
        })
    }
}

/// A record: its id, or a table.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one, rename = "RecordName")]
enum Record {
    /// Its id, as outcomes show it.
    Id(Label),
    /// The long form.
    Long(RecordTable),
}

/// A record, named by its id or its row.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NamedRecord")]
struct RecordTable {
    /// Its id, as outcomes show it.
    id: Option<Label>,
    /// Which of the records with this id, in canonical order, from 1. Needed where the id repeats.
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    occurrence: Option<u32>,
    /// Its row, from 0. Looked at only where there is no id, or it repeats and no occurrence is given.
    #[schemars(range(min = 0, max = 4_294_967_295_u32))]
    row: Option<u32>,
    /// Values it had when it was decided, by field. Where one differs now, the decision is stale. Default: none.
    was: Option<BTreeMap<String, Scalar>>,
}
