//! What one pair of differing values shows.

use super::evidence::Sample;
use crate::breaks::formula::Kind;
use crate::columns::{AmountColumn, Column, Columns, DateColumn, Row, TextColumn};
use crate::compare::Calendar;
use crate::plan::{FieldIndex, Side};

/// Bytes of a constant text before or after others; a longer one is rather a value than a habit.
const AFFIX_BYTES_MAX: usize = 16;

/// Something that a pair shows and others may show too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    /// Right − left in calendar days.
    Days(i32),
    /// Right − left in business days.
    BusinessDays(i64),
    /// The same amount with the other sign.
    Reversed,
    /// A fee, a rate or a factor.
    Formula(Kind),
    /// The texts differ in case.
    Case,
    /// In spaces.
    Spaces,
    /// In case, spaces and whatever is neither letter nor digit.
    Punctuation,
    /// The side has zeros before the other's text.
    Zeros(Side),
    /// The side's text is how the other's begins.
    Start(Side),
    /// The same, and it has so many characters.
    Cut(Side, u32),
    /// The side has this before the other's text.
    Prefix(Side, Affix),
    /// The side has this after the other's text.
    Suffix(Side, Affix),
}

/// A short text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Affix {
    bytes: [u8; AFFIX_BYTES_MAX],
    length: u8,
}

impl Affix {
    fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; AFFIX_BYTES_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: u8::try_from(text.len()).ok()? })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes[..usize::from(self.length)]).into_owned()
    }
}

impl Sign {
    /// As written in the summary.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Days(_) => "days",
            Self::BusinessDays(_) => "business_days",
            Self::Reversed => "sign",
            Self::Formula(Kind::Factor(_)) => "factor",
            Self::Formula(Kind::Fee(_)) => "fee",
            Self::Formula(Kind::Rate(_)) => "rate",
            Self::Case => "case",
            Self::Spaces => "spaces",
            Self::Punctuation => "punctuation",
            Self::Zeros(_) => "leading_zeros",
            Self::Start(_) | Self::Cut(..) => "cut",
            Self::Prefix(..) => "prefix",
            Self::Suffix(..) => "suffix",
        }
    }

    /// The side that shows it.
    pub(super) fn side(&self) -> Option<Side> {
        let later = |right: bool| if right { Side::Right } else { Side::Left };
        match self {
            Self::Days(days) => Some(later(*days > 0)),
            Self::BusinessDays(days) => Some(later(*days > 0)),
            Self::Formula(Kind::Factor(factor)) => Some(factor.larger),
            // A fee that is added makes the other side the higher one.
            Self::Formula(Kind::Fee(fee)) => Some(if fee.added { fee.gross.other() } else { fee.gross }),
            Self::Formula(Kind::Rate(rate)) => Some(rate.base),
            Self::Zeros(side)
            | Self::Start(side)
            | Self::Cut(side, _)
            | Self::Prefix(side, _)
            | Self::Suffix(side, _) => Some(*side),
            Self::Reversed | Self::Case | Self::Spaces | Self::Punctuation => None,
        }
    }

    /// What the kind leaves open.
    pub(super) fn value(&self, scale: u8) -> Option<String> {
        match self {
            Self::Days(days) => Some(days.unsigned_abs().to_string()),
            Self::BusinessDays(days) => Some(days.unsigned_abs().to_string()),
            Self::Formula(Kind::Factor(factor)) => Some(factor.by.to_string()),
            Self::Formula(Kind::Fee(fee)) => Some(fee.words(scale)),
            Self::Formula(Kind::Rate(rate)) => Some(rate.number()),
            Self::Cut(_, characters) => Some(characters.to_string()),
            Self::Prefix(_, text) | Self::Suffix(_, text) => Some(text.text()),
            Self::Reversed
            | Self::Case
            | Self::Spaces
            | Self::Punctuation
            | Self::Zeros(_)
            | Self::Start(_) => None,
        }
    }
}

/// Both columns of a field.
pub(super) enum Values<'a> {
    Amounts { cells: [&'a AmountColumn; 2], columns: [&'a Column; 2] },
    Dates { cells: [&'a DateColumn; 2], columns: [&'a Column; 2], calendar: &'a Calendar },
    Texts { cells: [&'a TextColumn; 2], columns: [&'a Column; 2] },
}

impl<'a> Values<'a> {
    /// The columns of a field that both sides have as one kind.
    pub(super) fn of(columns: &'a Columns, field: FieldIndex, calendar: &'a Calendar) -> Option<Self> {
        let both =
            [columns.side(Side::Left).fields.get(field)?, columns.side(Side::Right).fields.get(field)?];
        match both {
            [Column::Amount(left), Column::Amount(right)] => {
                Some(Self::Amounts { cells: [left, right], columns: both })
            }
            [Column::Date(left), Column::Date(right)] => {
                Some(Self::Dates { cells: [left, right], columns: both, calendar })
            }
            [Column::Text(left), Column::Text(right)] => {
                Some(Self::Texts { cells: [left, right], columns: both })
            }
            _ => None,
        }
    }

    /// Whether both records have a value and these differ; `None` where one is null.
    #[inline]
    pub(super) fn differ(&self, (left, right): (Row, Row)) -> Option<bool> {
        match self {
            Self::Amounts { cells: [lefts, rights], .. } => Some(lefts.get(left)? != rights.get(right)?),
            Self::Dates { cells: [lefts, rights], .. } => Some(lefts.get(left)? != rights.get(right)?),
            Self::Texts { cells: [lefts, rights], .. } => Some(lefts.get(left)? != rights.get(right)?),
        }
    }

    /// A hash of both values, per pair.
    pub(super) fn hashes(&self, pairs: &[(Row, Row)]) -> Vec<u64> {
        let (Self::Amounts { columns, .. } | Self::Dates { columns, .. } | Self::Texts { columns, .. }) =
            self;
        let mut hashes = vec![0; pairs.len()];
        let lefts: Vec<Row> = pairs.iter().map(|pair| pair.0).collect();
        columns[0].fold_hashes(&lefts, &mut hashes);
        let rights: Vec<Row> = pairs.iter().map(|pair| pair.1).collect();
        columns[1].fold_hashes(&rights, &mut hashes);
        hashes
    }

    /// The amounts of a sample; none of another kind.
    pub(super) fn amounts(&self, sample: &Sample) -> Vec<(i128, i128)> {
        let Self::Amounts { cells: [lefts, rights], .. } = self else { return Vec::new() };
        sample.pairs().filter_map(|((left, right), _)| Some((lefts.get(left)?, rights.get(right)?))).collect()
    }

    /// Whether a formula gives the one amount from the other.
    pub(super) fn explains(&self, formula: &Sign, (left, right): (Row, Row)) -> bool {
        let (Self::Amounts { cells: [lefts, rights], .. }, Sign::Formula(kind)) = (self, formula) else {
            return false;
        };
        lefts.get(left).zip(rights.get(right)).is_some_and(|(left, right)| kind.explains(left, right))
    }

    /// What a pair of different values shows, formulas left out.
    pub(super) fn signs(&self, (left, right): (Row, Row), signs: &mut Vec<Sign>) {
        match self {
            Self::Amounts { cells: [lefts, rights], .. } => {
                if let (Some(left), Some(right)) = (lefts.get(left), rights.get(right))
                    && left.checked_neg() == Some(right)
                {
                    signs.push(Sign::Reversed);
                }
            }
            Self::Dates { cells: [lefts, rights], calendar, .. } => {
                if let (Some(left), Some(right)) = (lefts.get(left), rights.get(right)) {
                    signs.push(Sign::Days(right.saturating_sub(left)));
                    let business = calendar.distance(left, right);
                    signs.extend((business != 0).then_some(Sign::BusinessDays(business)));
                }
            }
            Self::Texts { cells: [lefts, rights], .. } => {
                if let (Some(left), Some(right)) = (lefts.get(left), rights.get(right)) {
                    text_signs(left, right, signs);
                }
            }
        }
    }
}

/// What two different texts show. What is written differently is no cut and no prefix.
fn text_signs(left: &str, right: &str, signs: &mut Vec<Sign>) {
    if let Some(sign) = writing(left, right) {
        signs.push(sign);
        return;
    }
    let (shorter, longer, side) = match left.len().cmp(&right.len()) {
        std::cmp::Ordering::Less => (left, right, Side::Right),
        std::cmp::Ordering::Greater => (right, left, Side::Left),
        std::cmp::Ordering::Equal => return,
    };
    if let Some(before) = longer.strip_suffix(shorter) {
        let zeros = before.bytes().all(|byte| byte == b'0');
        signs.extend(if zeros {
            Some(Sign::Zeros(side))
        } else {
            Affix::new(before).map(|text| Sign::Prefix(side, text))
        });
    }
    if let Some(after) = longer.strip_prefix(shorter) {
        let characters = u32::try_from(shorter.chars().count()).unwrap_or(u32::MAX);
        signs.push(Sign::Start(side.other()));
        signs.push(Sign::Cut(side.other(), characters));
        signs.extend(Affix::new(after).map(|text| Sign::Suffix(side, text)));
    }
}

/// Whether two texts are the same but for how they are written.
fn writing(left: &str, right: &str) -> Option<Sign> {
    if same(left, right, |_| true, lower) {
        return Some(Sign::Case);
    }
    if same(left, right, |letter| !letter.is_whitespace(), |letter| [letter, '\0']) {
        return Some(Sign::Spaces);
    }
    let counts = |text: &str| text.chars().any(char::is_alphanumeric);
    (counts(left) && same(left, right, char::is_alphanumeric, lower)).then_some(Sign::Punctuation)
}

/// The first two characters of the lower case: enough for all but one letter, and that one is told by its first.
fn lower(letter: char) -> [char; 2] {
    let mut lower = letter.to_lowercase();
    [lower.next().unwrap_or(letter), lower.next().unwrap_or('\0')]
}

fn same(left: &str, right: &str, keep: fn(char) -> bool, turn: fn(char) -> [char; 2]) -> bool {
    let left = left.chars().filter(|letter| keep(*letter)).map(turn);
    left.eq(right.chars().filter(|letter| keep(*letter)).map(turn))
}
