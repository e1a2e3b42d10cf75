//! Every bound on work that depends on the data, with its unit in its name.
//!
//! Limits are counted in work per record, component or block, never in time and never per run or partition, so
//! that they fall the same way on every machine. Reaching one is a named outcome (`limited`, `search_limit`),
//! never a hang and never "no match".

/// What a run may spend. The defaults suit millions of records a side.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Limits {
    /// Candidates a record keeps in one pass, best first. Default 64. A component in which one was cut is `limited`.
    pub rivals_max: u32,
    /// Records (both sides) of a component up to which `regret` is computed. Default 64; beyond, it is null.
    pub regret_nodes_max: u32,
    /// Candidates tested for one record in one pass. Default 20,000; beyond, its component is `limited`.
    pub comparisons_max: u32,
    /// Open records looked at for the nearest of one open record, per requirement that is left out. Default 256; beyond,
    /// a record for which nothing is found is open with the reason `search_limit`.
    pub nearest_max: u32,
    /// Records of a cluster up to which it is matched. Default 1,000; beyond, it is proposed and `limited`.
    pub cluster_max: u32,
    /// Rows of `issues` kept per source and field; the rest are counted. Default 10,000.
    pub issues_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rivals_max: 64,
            regret_nodes_max: 64,
            comparisons_max: 20_000,
            nearest_max: 256,
            cluster_max: 1_000,
            issues_max: 10_000,
        }
    }
}

/// Rows of a source in one run: row numbers are 32 bits inside the engine.
pub const ROWS_MAX: u64 = u32::MAX as u64 - 1;
/// Alternatives that are told of one group: the best.
pub const ALTERNATIVES_MAX: usize = 5;
/// Passes of a spec.
pub const PASSES_MAX: usize = 1_000;
/// Fields of a spec.
pub const FIELDS_MAX: usize = 1_000;
/// Digits after the point an amount may have.
pub const SCALE_MAX: u8 = 18;
/// Units of 10^-scale from which an amount, of either sign, is unreadable: it has at most 37 digits. Two of them and
/// their difference then fit the 38 digits of an Arrow decimal, and no sum of a few can leave 128 bits.
pub const AMOUNT_UNITS_END: u128 = 10_u128.pow(37);
/// Records of a side on which it is counted how many agree in a key: what a near miss is worth.
pub const KEY_SAMPLE_ROWS: usize = 16_384;
/// Records of a side on which it is counted how many satisfy a condition.
pub const CONDITION_SAMPLE_ROWS: usize = 128;
/// Characters of a text that a `similar` condition looks at: the first ones.
pub const SIMILAR_CHARS_MAX: usize = 4_096;
/// Different pairs of amounts that the search for a fee formula or a rate looks at, evenly by value. What it finds is
/// verified on all of them.
pub const FORMULA_PAIRS_MAX: usize = 128;
/// Formulas that one set of pairs is explained by, best first.
pub const FORMULAS_MAX: usize = 8;
/// Different pairs of amounts from which formulas are told that explain a difference; evenly by value.
pub const CAUSE_PAIRS_MAX: usize = 16_384;
/// Pairs of different values, per field, from which it is told what differs systematically; those with the smallest
/// hashes. What they suggest is counted on all pairs.
pub const SYSTEMATIC_VALUES_MAX: usize = 8_192;
