//! A systematic difference as a sentence.

use super::SystematicDifference;
use super::signs::Sign;
use crate::breaks::formula::Kind;
use crate::outcome::grouped;
use crate::plan::Side;
use std::fmt::Write as _;

/// Characters shown of a value.
const SHOWN_CHARS_MAX: usize = 40;

/// `date is 1 business day later in ledger: 94.0 % of pairs (1,204 of 1,281)`.
pub(super) fn sentence(difference: &SystematicDifference, sign: &Sign, names: &[String; 2]) -> String {
    let what = what(difference, sign, names);
    let percent = format!("{:.1}", difference.share * 100.0);
    let (pairs, of) = (grouped(difference.pairs), grouped(difference.of));
    let mut text = format!("{what}: {percent} % of pairs ({pairs} of {of})");
    if let Some(example) = difference.examples.first() {
        let [left, right] = [&example.left, &example.right].map(|value| shown(value));
        let _infallible = write!(text, ", such as {left} and {right}");
    }
    text
}

fn what(difference: &SystematicDifference, sign: &Sign, names: &[String; 2]) -> String {
    let name = |side: Side| names[side.index()].as_str();
    let field = &difference.field;
    let side = sign.side().map_or("", name);
    let value = difference.value.as_deref().unwrap_or_default();
    let days = |unit: &str| {
        let plural = if value == "1" { "" } else { "s" };
        format!("{field} is {value} {unit}{plural} later in {side}")
    };
    match sign {
        Sign::Days(_) => days("day"),
        Sign::BusinessDays(_) => days("business day"),
        Sign::Reversed => format!("{field} has the other sign"),
        Sign::Formula(Kind::Factor(_)) => format!("{field} is {value} times as large in {side}"),
        Sign::Formula(Kind::Fee(_)) => format!("{field} is higher by {value} in {side}"),
        Sign::Formula(Kind::Rate(rate)) => {
            format!("{field} in {} is that in {side} × {value}", name(rate.base.other()))
        }
        Sign::Case => format!("{field} differs in case only"),
        Sign::Spaces => format!("{field} differs in spaces only"),
        Sign::Punctuation => format!("{field} differs in case, spaces and punctuation only"),
        Sign::Zeros(_) => format!("{field} has leading zeros in {side}"),
        Sign::Start(_) | Sign::Cut(..) => format!("{field} is cut at {value} characters in {side}"),
        Sign::Prefix(..) => format!("{field} has {} before it in {side}", shown(value)),
        Sign::Suffix(..) => format!("{field} has {} after it in {side}", shown(value)),
    }
}

/// A value between quotes, cut where it is long.
fn shown(value: &str) -> String {
    if value.chars().count() <= SHOWN_CHARS_MAX {
        return format!("\"{value}\"");
    }
    let short: String = value.chars().take(SHOWN_CHARS_MAX - 1).collect();
    format!("\"{short}…\"")
}
