//! What has to be known of both sources before any column is made: exchange 0 of a run.
//!
//! Exact counters that merge in any order, so that partitions, batches and machines come to the same scale.

use super::amount::check_type;
use super::amount_text::Marks;
use super::doubles::{Double, Places};
use super::source::{Class, FieldReader, Physical, Source, class, trim, unpack, with_text};
use crate::control::Control;
use crate::error::{DataError, Error, Result};
use crate::limits::SCALE_MAX;
use crate::plan::{Plan, Side};
use crate::spec::{CellSource, FieldKind};
use arrow_array::cast::AsArray as _;
use arrow_array::types as arrow;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArrayType};
use arrow_schema::DataType;
use rayon::prelude::*;

/// Exact facts about the amounts and sizes of both sources. [`Facts::default`] is of nothing and merges as such.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Records by side, excluded ones included.
    pub rows: [u64; 2],
    /// By side and field of the plan: digits after the point of its amounts. `None` where no amount was seen and
    /// none was asked for.
    pub scales: [Vec<Option<u8>>; 2],
    /// Digits after the point of amounts that come from neither source: open items of an earlier run.
    pub carried: Option<u8>,
}

impl Facts {
    /// Reads the facts of one side, or of a part of it. Cost: text amounts are parsed once; other types cost nothing.
    ///
    /// # Errors
    /// `schema_changed`, `double_needs_scale`, `scale_too_large`, types that hold no amounts, too many rows.
    pub fn gather(plan: &Plan, side: Side, batches: &[RecordBatch]) -> Result<Self> {
        Self::gather_with(plan, side, batches, &Control::default())
    }

    /// [`Facts::gather`] that can be cancelled.
    ///
    /// # Errors
    /// Those of [`Facts::gather`], [`Error::Cancelled`].
    pub fn gather_with(plan: &Plan, side: Side, batches: &[RecordBatch], control: &Control) -> Result<Self> {
        let source = Source::new(plan, side, batches)?;
        let scales: Vec<Result<Option<u8>>> = plan
            .fields
            .par_iter()
            .map(|field| {
                let Some(cell) =
                    field.cells[side.index()].as_ref().filter(|_| field.kind == FieldKind::Amount)
                else {
                    return Ok(None);
                };
                let rules = &plan.sources[side.index()];
                let tables = &plan.tables;
                scale(&FieldReader { source: &source, rules, field, cell, side, scale: 0, control, tables })
            })
            .collect();
        let mut facts = Self::default();
        facts.rows[side.index()] = u64::from(source.rows);
        facts.scales[side.index()] = scales.into_iter().collect::<Result<_>>()?;
        Ok(facts)
    }

    /// Facts of both. The order doesn't matter, nor how they were grouped.
    ///
    /// # Errors
    /// [`Error::Internal`] for facts of different plans.
    pub fn merge(mut self, other: Self) -> Result<Self> {
        self.carried = self.carried.max(other.carried);
        for (side, theirs) in other.scales.into_iter().enumerate() {
            self.rows[side] += other.rows[side];
            let mine = &mut self.scales[side];
            if mine.is_empty() {
                *mine = theirs;
            } else if !theirs.is_empty() && mine.len() != theirs.len() {
                return Err(Error::Internal("facts of different plans were merged".to_owned()));
            } else {
                for (mine, theirs) in mine.iter_mut().zip(theirs) {
                    *mine = (*mine).max(theirs);
                }
            }
        }
        Ok(self)
    }

    /// The facts of a run that carries amounts of this scale, too.
    #[must_use]
    pub fn with_scale(mut self, carried: Option<u8>) -> Self {
        self.carried = self.carried.max(carried);
        self
    }

    /// Digits after the point of every amount in the run: the most of all fields, both sides and open items, 0
    /// without any.
    #[must_use]
    pub fn scale(&self) -> u8 {
        self.scales.iter().flatten().chain([&self.carried]).filter_map(|scale| *scale).max().unwrap_or(0)
    }
}

/// The scale of one field on one side.
fn scale(reader: &FieldReader<'_>) -> Result<Option<u8>> {
    let explicit = reader.field.scale[reader.side.index()];
    let minor = reader.cell.minor.unwrap_or(0);
    if let Some(scale) =
        explicit.filter(|scale| *scale > SCALE_MAX).or(Some(minor).filter(|minor| *minor > SCALE_MAX))
    {
        let problem = format!("the scale {scale} is too large");
        let hint = format!("An amount has at most {SCALE_MAX} digits after the point");
        return Err(DataError::new("scale_too_large", reader.source.name, problem, hint)
            .field(&reader.field.name)
            .into());
    }
    let names: &[&String] = match &reader.cell.from {
        CellSource::Column(name) | CellSource::Indicator { column: name, .. } => &[name],
        CellSource::DebitCredit { debit, credit } => &[debit, credit],
    };
    let mut found = None;
    for name in names {
        let column = reader.source.column(name)?;
        check_type(reader, &column, explicit)?;
        if explicit.is_none() {
            found = found.max(column_scale(reader, &column, minor)?);
        }
    }
    Ok(explicit.or(found))
}

fn column_scale(reader: &FieldReader<'_>, column: &Physical, minor: u8) -> Result<Option<u8>> {
    match class(&column.data_type) {
        Class::Integer => Ok(Some(minor)),
        Class::Decimal(scale) => Ok(Some(u8::try_from(i32::from(scale) + i32::from(minor)).unwrap_or(0))),
        Class::Double => {
            let places = doubles(reader, column, minor)?;
            let (scale, advice) = places.advice();
            let problem =
                format!("the column \"{}\" holds doubles, which have no scale of their own", column.name);
            let key = format!("fields.{}.scale = {scale}", reader.field.name);
            let hint = format!("Say {key} in the spec, or another scale you know to be right: {advice}");
            Err(DataError::new("double_needs_scale", reader.source.name, problem, hint)
                .field(&reader.field.name)
                .into())
        }
        Class::Text => text_decimals(reader, column, minor),
        _ => Ok(None),
    }
}

/// The most digits after the point in readable cells.
fn text_decimals(reader: &FieldReader<'_>, column: &Physical, minor: u8) -> Result<Option<u8>> {
    let marks = Marks::new(&reader.rules.read);
    let extract = reader.extract()?;
    let most: Vec<Result<Option<u8>>> = column
        .pieces()
        .into_par_iter()
        .map(|piece| {
            reader.control.cancel.check()?;
            let piece = unpack(&piece)?;
            with_text!(piece, cells => Ok(most_decimals(&cells, marks, extract.clone())), else {
                Err(reader.source.internal_type(piece.data_type()))
            })
        })
        .collect();
    let mut found = None;
    for piece in most {
        found = found.max(piece?);
    }
    Ok(found.map(|decimals| decimals.saturating_add(minor).min(SCALE_MAX)))
}

fn most_decimals<'a, S: StringArrayType<'a>>(
    cells: &S,
    marks: Marks,
    mut extract: Option<super::source::Extract>,
) -> Option<u8> {
    let mut most = None;
    for text in cells.iter().flatten() {
        let text = trim(text);
        let text = match &mut extract {
            Some(extract) => extract.find(text).unwrap_or_default(),
            None => text,
        };
        if let Ok(written) = marks.parse(text) {
            most = most.max(Some(written.decimals));
        }
    }
    most
}

fn doubles(reader: &FieldReader<'_>, column: &Physical, minor: u8) -> Result<Places> {
    let counted: Vec<Result<Places>> = column
        .pieces()
        .into_par_iter()
        .map(|piece: ArrayRef| {
            reader.control.cancel.check()?;
            let piece = unpack(&piece)?;
            let mut places = Places::default();
            match piece.data_type() {
                DataType::Float32 => count(piece.as_primitive::<arrow::Float32Type>(), minor, &mut places),
                DataType::Float64 => count(piece.as_primitive::<arrow::Float64Type>(), minor, &mut places),
                other => return Err(reader.source.internal_type(other)),
            }
            Ok(places)
        })
        .collect();
    let mut places = Places::default();
    for piece in counted {
        places.merge(&piece?);
    }
    Ok(places)
}

fn count<P>(array: &arrow_array::PrimitiveArray<P>, minor: u8, places: &mut Places)
where
    P: arrow_array::ArrowPrimitiveType<Native: Double>,
{
    for value in array.iter().flatten() {
        places.add(value, minor);
    }
}
