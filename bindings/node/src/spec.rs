//! Specs as text: canonical JSON in between, TOML at the edge.

use crate::work::refused;
use napi_derive::napi;
use recon378::Spec;

/// A spec that a person wrote, in TOML or JSON, or one that a program put together as JSON.
pub(crate) fn parsed(text: &str, by_program: bool) -> recon378::Result<Spec> {
    Ok(if by_program { Spec::from_program(text)? } else { text.parse()? })
}

/// A spec as canonical JSON.
#[napi]
pub fn canonical(text: String, by_program: bool) -> napi::Result<String> {
    parsed(&text, by_program).map(|spec| spec.to_json()).map_err(refused)
}

/// A spec as TOML.
#[napi]
pub fn to_toml(text: String, by_program: bool) -> napi::Result<String> {
    parsed(&text, by_program).map(|spec| spec.to_toml()).map_err(refused)
}

/// The mistakes of a spec as a JSON list; empty when it is right.
#[napi]
pub fn mistakes(text: String, by_program: bool) -> String {
    let mistakes = parsed(&text, by_program).err().map(|error| error.mistakes().to_vec()).unwrap_or_default();
    // Strings and numbers always have a JSON form.
    serde_json::to_string(&mistakes).unwrap_or_default()
}

/// The JSON Schema of specs.
#[napi]
pub fn schema() -> String {
    recon378::spec::json_schema()
}

/// The version of the package.
#[napi]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
