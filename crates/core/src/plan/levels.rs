//! Evidence levels, resolved: bits as integers of thousandths, so that a sum of them is exact.

use super::model::TestPlan;
use super::passes::Resolver;
use crate::compare::bits;
use crate::money::{Number, display_units};
use crate::spec::{Cardinality, Levels, Score, Test};

/// The evidence of one condition, resolved.
#[derive(Debug, Clone)]
pub struct LevelsPlan {
    /// The first one that holds counts.
    pub levels: Vec<LevelPlan>,
    /// Bits where none holds, in thousandths.
    pub otherwise: i32,
    /// Bits where a value is null, in thousandths.
    pub null: i32,
}

/// One level, resolved.
#[derive(Debug, Clone)]
pub struct LevelPlan {
    /// When it holds: any test but levels.
    pub test: TestPlan,
    /// Its bits, in thousandths; of a value of average frequency where `frequency` is set.
    pub millibits: i32,
    /// Whether the bits go by how frequent the value is.
    pub frequency: bool,
}

/// What a pass knows of two records before it looks at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriorPlan {
    /// The probability that they belong together.
    pub probability: Number,
    /// Its log-odds, log2(p / (1 − p)), in thousandths of a bit.
    pub millibits: i64,
}

/// Digits after the point that a prior may have.
const PRIOR_SCALE: u8 = 12;

impl PriorPlan {
    /// `None` for what is no probability above 0 and below 1 of at most 12 digits after the point.
    pub(crate) fn new(probability: Number) -> Option<Self> {
        let whole = 10_u64.pow(PRIOR_SCALE.into());
        let part = probability.units(PRIOR_SCALE).and_then(|units| u64::try_from(units).ok())?;
        let range = 1..whole;
        range.contains(&part).then(|| Self { probability, millibits: bits::log_odds(part, whole) })
    }
}

/// Thousandths of a bit as a decimal without trailing zeros.
pub(crate) fn bits_text(millibits: i64) -> String {
    let text = display_units(i128::from(millibits), 3);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl LevelsPlan {
    /// Whether any level goes by frequency.
    #[must_use]
    pub fn by_frequency(&self) -> bool {
        self.levels.iter().any(|level| level.frequency)
    }
}

impl TestPlan {
    /// The tests of its levels; of another test itself.
    pub(crate) fn single(&self) -> impl Iterator<Item = &Self> {
        let (levels, itself) = match self {
            Self::Levels(levels) => (levels.levels.as_slice(), None),
            single => (&[][..], Some(single)),
        };
        levels.iter().map(|level| &level.test).chain(itself)
    }
}

impl Resolver<'_> {
    /// The levels of a condition that stands at `path`. A spec that was read has been through all of this.
    pub(super) fn levels(&mut self, levels: &Levels, path: &str) -> Option<LevelsPlan> {
        if self.pass.spec.score != Score::Probability {
            let expected = "`score = \"probability\"` on the pass";
            self.report.refuse("conflict", &format!("{path}.levels"), "levels", expected);
            return None;
        }
        if levels.levels.is_empty() {
            self.report.refuse("bad_value", &format!("{path}.levels"), "no level", "at least one level");
        }
        let resolved: Vec<_> = levels
            .levels
            .iter()
            .enumerate()
            .map(|(at, level)| {
                let path = format!("{path}.levels[{at}]");
                let test = match &level.test {
                    Test::Levels(_) => {
                        self.report.refuse("bad_value", &path, "levels", "a level with a test of its own");
                        None
                    }
                    test => self.test(test, &path),
                };
                let millibits = self.millibits(level.bits, &format!("{path}.bits"));
                Some(LevelPlan { test: test?, millibits: millibits?, frequency: level.frequency })
            })
            .collect();
        let otherwise = self.millibits(levels.otherwise.unwrap_or_default(), &format!("{path}.otherwise"));
        let null = self.millibits(levels.null, &format!("{path}.null"));
        let levels = resolved.into_iter().collect::<Option<Vec<_>>>()?;
        Some(LevelsPlan { levels, otherwise: otherwise?, null: null? })
    }

    fn millibits(&mut self, bits: Number, path: &str) -> Option<i32> {
        let units = bits.units(3).and_then(|units| i32::try_from(units).ok());
        let millibits = units.filter(|units| (-100_000..=100_000).contains(units));
        if millibits.is_none() {
            let expected = "bits from -100 to 100 with at most 3 digits after the point";
            self.report.refuse("bad_value", path, bits.to_string(), expected);
        }
        millibits
    }

    /// The prior of a pass that scores by probability.
    pub(super) fn prior(&mut self) -> Option<PriorPlan> {
        let spec = self.pass.spec;
        let path = format!("{}.prior", self.pass.path);
        if spec.score != Score::Probability {
            if spec.prior.is_some() {
                self.report.refuse("conflict", &path, "`prior`", "`score = \"probability\"` beside it");
            }
            return None;
        }
        if !matches!(spec.cardinality, Cardinality::OneToOne | Cardinality::Cluster) {
            let path = format!("{}.score", self.pass.path);
            self.report.refuse("conflict", &path, "\"probability\"", "a 1:1 pass, or clusters");
        }
        let prior = spec.prior.and_then(PriorPlan::new);
        if prior.is_none() {
            let given = spec.prior.map_or_else(|| "nothing".to_owned(), |prior| prior.to_string());
            let expected = "a probability above 0 and below 1 with at most 12 digits after the point";
            self.report.refuse("bad_value", &path, given, expected);
        }
        prior
    }
}
