//! `issues`: one row per cell, or whole row, that can't be read.

use super::super::Outcome;
use super::super::gather::{BothSides, TableBuilder, names, numbers, texts};
use super::{SIDES, side_key};
use crate::columns::Issue;
use crate::error::Result;
use crate::plan::Side;
use arrow_array::RecordBatch;
use arrow_array::types::{Int8Type, Int16Type, UInt64Type};

impl Outcome {
    pub(in super::super) fn issues_table(&self) -> Result<RecordBatch> {
        let issues = self.sorted_issues();
        let issues: &[(Side, u64, &Issue)] = &issues;
        let rows = issues.len();
        let mut table = TableBuilder::default();
        let ids = BothSides::of(&self.columns, self.plan.id);
        table.full("side", || names::<Int8Type, _>(rows, &SIDES, |at| Some(side_key(issues[at].0))));
        table.nullable("file", move || {
            texts(rows, |at, out| self.write_file(issues[at].0, issues[at].1, out))
        });
        table.full("row", || numbers::<UInt64Type>(rows, |at| issues[at].1));
        table.nullable("id", move || texts(rows, |at, out| ids.write(issues[at].0, issues[at].2.row, out)));
        table.nullable("field", || {
            let all: Vec<&str> = self.plan.fields.iter().map(|field| field.name.as_str()).collect();
            names::<Int16Type, _>(rows, &all, |at| i16::try_from(issues[at].2.field?).ok())
        });
        table.full("value", || texts(rows, |at, out| written(&issues[at].2.value, out)));
        table.full("problem", || texts(rows, |at, out| written(&issues[at].2.problem, out)));
        table.build()
    }

    /// Appends the file that a row of a source came from, where files are known.
    fn write_file(&self, side: Side, row: u64, out: &mut Vec<u8>) -> bool {
        let mut rows_before = 0;
        let file = self.files[side.index()].iter().find(|file| {
            rows_before += file.rows;
            row < rows_before
        });
        file.is_some_and(|file| written(&file.path, out))
    }

    fn sorted_issues(&self) -> Vec<(Side, u64, &Issue)> {
        let mut issues = Vec::new();
        for side in Side::BOTH {
            let source = self.columns.side(side);
            issues.extend(source.issues.iter().map(|issue| (side, source.row_number(issue.row), issue)));
        }
        issues.sort_by_key(|&(side, row, issue)| (side, row, issue.field));
        issues
    }
}

fn written(text: &str, out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(text.as_bytes());
    true
}
