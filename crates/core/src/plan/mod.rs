//! The spec resolved against both schemas: what every later stage reads instead of the spec.
//!
//! All mistakes of a request surface here or in `spec`; a plan that exists can be run.

mod describe;
mod fields;
mod groups;
mod kinds;
mod levels;
mod many;
mod model;
mod names;
mod passes;
mod resolve;
#[cfg(test)]
mod tests;

pub use describe::{ConditionView, FieldView, GroupByView, PassView, PlanView, SourceView, describe, view};
pub(crate) use describe::{cell_words, condition_view, decimal, filters, name, pair_words, test_words};
pub(crate) use levels::bits_text;
pub use levels::{LevelPlan, LevelsPlan, PriorPlan};
pub use model::*;
pub(crate) use passes::limiter as limiter_of;
pub use resolve::{resolve, resolve_with};
