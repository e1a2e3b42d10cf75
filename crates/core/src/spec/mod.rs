//! The request as data: what a host asks for, before any data is seen.
//!
//! JSON is canonical; TOML and the builder produce the same. A spec is decoded from a generic tree, so that all
//! mistakes are reported at once, each with its path, what was given, what was expected and the nearest name.
//! Nothing here looks at data: what needs the columns is checked by the plan.
//!
//! ```
//! use recon378_core::Spec;
//! use recon378_core::spec::Pass;
//! use recon378_core::spec::conditions::{days, equal, within};
//!
//! let written: Spec = r#"
//!     [left]
//!     name = "bank"
//!     [right]
//!     name = "ledger"
//!     [fields]
//!     amount = ["amt", "amount"]
//!     [[pass]]
//!     on = ["reference", "amount"]
//!     [[pass]]
//!     on = ["account", { field = "amount", within = "0.05" }, { field = "date", days = [0, 5] }]
//!     status = "proposed"
//! "#.parse()?;
//! let built = Spec::builder()
//!     .left("bank")
//!     .right("ledger")
//!     .field("amount", ["amt", "amount"])
//!     .pass(Pass::on(["reference", "amount"]))
//!     .pass(Pass::on([equal("account"), within("amount", "0.05"), days("date", 0, 5)]).propose())
//!     .build()?;
//! assert_eq!(built, written);
//! # Ok::<(), recon378_core::Error>(())
//! ```

pub mod builder;
pub mod conditions;
mod decisions;
mod decode;
mod encode;
mod levels;
mod mirrored;
mod model;
mod places;
mod read_json;
mod read_toml;
mod report;
mod schema;
mod sheet_range;
mod toml_text;
mod tree;

#[cfg(test)]
pub(crate) mod arbitrary;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;

pub use builder::{Cell, Field, Pass, Source, SpecBuilder, Table};
pub use conditions::When;
pub use decisions::{DecisionKind, DecisionSpec, DecisionsSpec, RecordName};
pub use levels::{Level, Levels, Score};
pub use model::*;
pub use places::Places;
pub use schema::json_schema;
pub use sheet_range::{NotARange, SheetRange, column_letters};

pub use report::nearest_name;

pub(crate) use tree::child_path;

use crate::error::{Error, Mistake, Result};
use crate::plan::Side;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use tree::{Node, TEXT_BYTES_MAX};

/// Characters a value needs, unless a spec says otherwise, before it can occur in another.
pub(crate) const DEFAULT_MIN_LENGTH: u32 = 4;

impl Spec {
    /// Reads a spec written in JSON.
    ///
    /// # Errors
    /// [`Error::Spec`] with all mistakes, in the order of the text.
    ///
    /// ```
    /// use recon378_core::Spec;
    /// let error = Spec::from_json(r#"{ "pass": [{ "onn": ["reference"] }], "strict": 1 }"#).unwrap_err();
    /// let codes: Vec<_> = error.mistakes().iter().map(|mistake| mistake.code).collect();
    /// assert_eq!(codes, ["missing", "unknown_key", "wrong_type"]);
    /// assert_eq!(error.mistakes()[1].nearest.as_deref(), Some("on"));
    /// ```
    pub fn from_json(text: &str) -> Result<Self> {
        Self::decode(text, read_json::read)
    }

    /// Reads a spec written in TOML.
    ///
    /// # Errors
    /// [`Error::Spec`] with all mistakes, in the order of the text.
    pub fn from_toml(text: &str) -> Result<Self> {
        Self::decode(text, read_toml::read)
    }

    /// Reads a spec that a program put together and handed over as JSON. Its mistakes have paths, but no line and
    /// column: nobody has the text before them.
    ///
    /// # Errors
    /// [`Error::Spec`] with all mistakes.
    ///
    /// ```
    /// use recon378_core::Spec;
    /// let error = Spec::from_program(r#"{ "pass": [{ "onn": ["reference"] }] }"#).unwrap_err();
    /// assert_eq!(error.mistakes()[0].position, None);
    /// ```
    pub fn from_program(text: &str) -> Result<Self> {
        Self::decode(text, |text| {
            let without_places = |error: serde_json::Error| Box::new(read_json::syntax(&error));
            serde_json::from_str(text).map(|value| read_json::from_value(&value)).map_err(without_places)
        })
    }

    /// The spec of the short start: one `1:1` pass in which all these fields are equal. Names may also come with
    /// commas between them. A field that is no column of both sides under one name needs a written spec.
    ///
    /// # Errors
    /// [`Error::Spec`] for blank or repeated names, or none.
    ///
    /// ```
    /// use recon378_core::Spec;
    /// let spec = Spec::short(&["account,currency", "reference"])?;
    /// assert_eq!(spec.pass_names(), ["account + currency + reference"]);
    /// # Ok::<(), recon378_core::Error>(())
    /// ```
    pub fn short(on: &[&str]) -> Result<Self> {
        let names: Vec<_> = on.iter().flat_map(|part| decode::names(part)).collect();
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|earlier| earlier == name) {
                let given = tree::quoted(name);
                let path = format!("on[{at}]");
                let mistake = Mistake::new(report::codes::DUPLICATE_NAME, path, given, "every field once");
                return Err(Error::spec(mistake));
            }
        }
        Self::builder().pass(Pass::on(names)).build()
    }

    /// The user-facing name of a source: as given, else `left`, `right`, or `source` where there is one.
    #[must_use]
    pub fn source_name(&self, side: Side) -> &str {
        let (source, default) = match side {
            _ if self.one_source => (&self.left, "source"),
            Side::Left => (&self.left, "left"),
            Side::Right => (&self.right, "right"),
        };
        source.name.as_deref().unwrap_or(default)
    }

    /// The key that a source stands under in a spec: `left`, `right`, or `source` where there is one.
    #[must_use]
    pub fn source_key(&self, side: Side) -> &'static str {
        if self.one_source { "source" } else { side.name() }
    }

    /// Writes a spec in Rust.
    pub fn builder() -> SpecBuilder {
        SpecBuilder::default()
    }

    /// The spec as canonical JSON: one order of keys, defaults left out, numbers as the shortest text, two spaces
    /// of indentation. Equal specs give equal text.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}\n", encode::spec(self))
    }

    /// The spec as TOML, laid out for people: a section per source, a line per field, a block per pass.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml_text::write(&encode::spec(self))
    }

    /// Checks a spec that was put together by hand as if it had been read from a text.
    ///
    /// # Errors
    /// [`Error::Spec`] with all mistakes.
    pub fn check(&self) -> Result<()> {
        decode::spec(&read_json::from_value(&encode::spec(self)))?;
        Ok(())
    }

    /// The names of the passes, in order, all different: a pass without a name is called after the fields of its
    /// own conditions, else of the defaults; of passes that would be called the same, later ones get a number.
    #[must_use]
    pub fn pass_names(&self) -> Vec<String> {
        let written = self.passes.iter().filter_map(|pass| pass.name.clone());
        let mut taken: BTreeSet<String> = written.collect();
        // From which number on a name may be free: a thousand passes on the same fields stay cheap.
        let mut next: BTreeMap<String, usize> = BTreeMap::new();
        let mut name_of = |pass: &PassSpec| {
            if let Some(name) = &pass.name {
                return name.clone();
            }
            let conditions = if pass.on.is_empty() { &self.defaults } else { &pass.on };
            let mut parts: Vec<String> = conditions.iter().map(Condition::fields_text).collect();
            if let (Some(sum), Some(_)) = (&pass.sum, &pass.group_by) {
                let fields = sum.fields.as_ref().map(|(left, _)| left.as_str());
                let amount = self.tie_out.as_ref().and_then(|tied| tied.amount.as_deref());
                parts.push(format!("sum of {}", fields.or(amount).unwrap_or("amount")));
            }
            let plain = parts.join(" + ");
            let number = next.entry(plain.clone()).or_insert(1);
            loop {
                let name = if *number == 1 { plain.clone() } else { format!("{plain} ({number})") };
                *number += 1;
                if taken.insert(name.clone()) {
                    return name;
                }
            }
        };
        self.passes.iter().map(&mut name_of).collect()
    }

    fn decode(text: &str, read: fn(&str) -> std::result::Result<Node, Box<Mistake>>) -> Result<Self> {
        if text.len() > TEXT_BYTES_MAX {
            let given = format!("{} bytes", text.len());
            let expected = format!("at most {TEXT_BYTES_MAX} bytes");
            return Err(Error::spec(Mistake::new(report::codes::TOO_MANY, "", given, expected)));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let tree = read(text).map_err(|mistake| Error::spec(*mistake))?;
        let spec = decode::spec(&tree)?;
        Ok(Self { places: Places::of_tree(&tree), ..spec })
    }
}

impl FromStr for Spec {
    type Err = Error;

    /// Reads a spec in JSON, where the text begins with a brace, else in TOML.
    fn from_str(text: &str) -> Result<Self> {
        let start = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
        if start.starts_with('{') { Self::from_json(text) } else { Self::from_toml(text) }
    }
}

impl Condition {
    /// The equality of a field, as a name alone means it.
    #[must_use]
    pub fn equality(field: impl Into<String>) -> Self {
        let field = field.into();
        Self {
            left: field.clone(),
            right: field,
            test: Test::Equals,
            required: true,
            weight: None,
            nulls_equal: false,
        }
    }

    /// Its field, or both where they differ.
    fn fields_text(&self) -> String {
        if self.left == self.right { self.left.clone() } else { format!("{}/{}", self.left, self.right) }
    }
}

impl Direction {
    /// As written in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RightInLeft => "right in left",
            Self::LeftInRight => "left in right",
            Self::Either => "either",
        }
    }
}
