//! Small numbers for texts that repeat: accounts and currencies have a million cells and a few hundred values.
//!
//! A code stands for a text exactly, since every cell was compared with the text that its code stands for. So two
//! records are compared by two bytes each instead of by text that lies anywhere in memory.

use super::keys::{row_of, text_key};
use super::model::Row;
use super::parts::TextParts;
use crate::control::{Memory, Reservation};
use arrow_array::OffsetSizeTrait;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::prelude::*;

/// Records that are looked at first.
const SAMPLE_ROWS: usize = 8_192;
/// Values among them beyond which codes would not pay.
const SAMPLE_VALUES_MAX: usize = 6_144;
/// Records that one thread numbers at a time.
const CHUNK_ROWS: usize = 1 << 17;
/// Records from which codes pay.
const ROWS_MIN: usize = 1 << 16;

/// A code per record.
#[derive(Debug)]
pub(crate) struct Codes {
    /// The code of each record.
    pub(crate) of: Vec<u16>,
    /// What a code's text folds into hashes as.
    pub(crate) keys: Vec<u64>,
    /// A record that has the text.
    pub(crate) firsts: Vec<Row>,
    _memory: Reservation,
}

impl Codes {
    /// The codes of a column, unless it is short, has too many values, or there is no memory for them.
    pub(super) fn of<O: OffsetSizeTrait>(texts: &TextParts<O>, memory: &Memory) -> Option<Self> {
        let rows = texts.len();
        if rows < ROWS_MIN || Numbered::of(texts, 0..SAMPLE_ROWS, SAMPLE_VALUES_MAX).is_none() {
            return None;
        }
        let kept = memory.reserve(rows as u64 * 2, "codes of repeated text").ok()?;
        let _numbering = memory.reserve(rows as u64 * 2, "codes of repeated text").ok()?;
        let starts: Vec<usize> = (0..rows).step_by(CHUNK_ROWS).collect();
        let chunks = starts
            .into_par_iter()
            .map(|start| Numbered::of(texts, start..rows.min(start + CHUNK_ROWS), usize::from(u16::MAX)));
        let chunks: Vec<Numbered> = chunks.collect::<Option<_>>()?;
        let mut known: HashMap<&str, u16, FixedState> = HashMap::default();
        let mut firsts: Vec<Row> = Vec::new();
        let mut code = |first: Row| {
            let code = *known.entry(texts.value(first)).or_insert_with(|| {
                firsts.push(first);
                u16::try_from(firsts.len() - 1).unwrap_or(u16::MAX)
            });
            (code < u16::MAX).then_some(code)
        };
        let maps = chunks.iter().map(|chunk| chunk.firsts.iter().map(|first| code(*first)).collect());
        let maps: Vec<Vec<u16>> = maps.collect::<Option<_>>()?;
        let mut of = vec![0_u16; rows];
        of.par_chunks_mut(CHUNK_ROWS).zip(chunks.par_iter().zip(&maps)).for_each(|(out, (chunk, map))| {
            for (out, code) in out.iter_mut().zip(&chunk.codes) {
                *out = map[usize::from(*code)];
            }
        });
        let keys = firsts.iter().map(|first| text_key(texts.value(*first).as_bytes())).collect();
        Some(Self { of, keys, firsts, _memory: kept })
    }
}

/// Some records, numbered by the first appearance of their texts.
struct Numbered {
    codes: Vec<u16>,
    firsts: Vec<Row>,
}

impl Numbered {
    fn of<O: OffsetSizeTrait>(
        texts: &TextParts<O>,
        rows: std::ops::Range<usize>,
        values_max: usize,
    ) -> Option<Self> {
        let rows: Vec<Row> = (row_of(rows.start)..row_of(rows.end)).collect();
        let mut numbered = Self { codes: Vec::with_capacity(rows.len()), firsts: Vec::new() };
        let mut recent = vec![Recent::default(); 1 << RECENT_BITS];
        let mut known: HashMap<&str, u16, FixedState> = HashMap::default();
        let mut number = |row: Row, text| {
            *known.entry(text).or_insert_with(|| {
                numbered.firsts.push(row);
                u16::try_from(numbered.firsts.len() - 1).unwrap_or(u16::MAX)
            })
        };
        texts.for_each(&rows, |at, text| {
            let (place, short) = Recent::of(text.as_bytes());
            let slot = &mut recent[place];
            if short.length == 0 || slot.text() != short.text() {
                *slot = Recent { code: number(rows[at], text), ..short };
            }
            numbered.codes.push(slot.code);
        });
        (numbered.firsts.len() <= values_max).then_some(numbered)
    }
}

/// Slots for texts seen lately, as a power of two.
const RECENT_BITS: u32 = 10;

/// A text of up to 16 bytes as numbers; longer ones have length 0 and are always looked up.
#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    ends: [u64; 2],
    /// Bytes, and one more.
    length: u16,
    code: u16,
}

impl Recent {
    fn text(&self) -> ([u64; 2], u16) {
        (self.ends, self.length)
    }

    /// Both ends of a text, which overlap in its middle, and its slot.
    #[inline]
    fn of(text: &[u8]) -> (usize, Self) {
        let ends = match text.len() {
            8..=16 => [text.first_chunk(), text.last_chunk()]
                .map(|end| end.map_or(0, |end| u64::from_le_bytes(*end))),
            4..8 => [text.first_chunk(), text.last_chunk()]
                .map(|end| end.map_or(0, |end| u64::from(u32::from_le_bytes(*end)))),
            0..4 => [text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0],
            _ => return (0, Self::default()),
        };
        let length = u16::try_from(text.len() + 1).unwrap_or_default();
        let mixed =
            (ends[0] ^ ends[1].rotate_left(29) ^ u64::from(length)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (usize::try_from(mixed >> (64 - RECENT_BITS)).unwrap_or_default(), Self { ends, length, code: 0 })
    }
}

/// Which codes of one column stand for the texts of another's.
pub(crate) fn translate<O: OffsetSizeTrait, P: OffsetSizeTrait>(
    (from, from_texts): (&Codes, &TextParts<O>),
    (to, to_texts): (&Codes, &TextParts<P>),
) -> Vec<u16> {
    let mut known: HashMap<&str, u16, FixedState> = HashMap::default();
    for (code, first) in (0_u16..).zip(&to.firsts) {
        known.insert(to_texts.value(*first), code);
    }
    from.firsts.iter().map(|first| known.get(from_texts.value(*first)).copied().unwrap_or(u16::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::StringArray;
    use proptest::prelude::*;

    fn column(parts: &[Vec<String>]) -> TextParts<i32> {
        TextParts::new(parts.iter().map(StringArray::from_iter_values).collect())
    }

    proptest! {
        #[test]
        fn equal_ends_and_length_are_equal_texts(a in "[ab]{0,18}", b in "[ab]{0,18}") {
            let (one, other) = (Recent::of(a.as_bytes()).1, Recent::of(b.as_bytes()).1);
            prop_assert_eq!(one.length == 0, a.len() > 16);
            if one.length > 0 {
                prop_assert_eq!(one.text() == other.text(), a == b);
            }
        }
    }

    #[test]
    fn codes_stand_for_texts_and_translate() {
        let text = |number: usize, many: usize| match number % many {
            0 => String::new(),
            1 => "a text that is longer than sixteen bytes".to_owned(),
            other => format!("A{other}"),
        };
        let left: Vec<String> = (0..140_000).map(|number| text(number * 7, 300)).collect();
        let right: Vec<String> = (0..70_000).map(|number| text(number * 11, 200)).collect();
        let (a, b) = (
            column(&[left[..60_000].to_vec(), left[60_000..].to_vec()]),
            column(std::slice::from_ref(&right)),
        );
        let memory = Memory::default();
        let (ca, cb) = (Codes::of(&a, &memory).unwrap(), Codes::of(&b, &memory).unwrap());
        let shown = |codes: &Codes, texts: &TextParts<i32>| -> Vec<String> {
            codes.of.iter().map(|code| texts.value(codes.firsts[usize::from(*code)]).to_owned()).collect()
        };
        assert_eq!(shown(&ca, &a), left);
        assert_eq!(shown(&cb, &b), right);
        let map = translate((&ca, &a), (&cb, &b));
        for (at, other) in (0..70_000).zip((0..70_000).rev()) {
            assert_eq!(map[usize::from(ca.of[at])] == cb.of[other], left[at] == right[other]);
        }
    }

    #[test]
    fn columns_that_are_short_or_of_many_values_have_no_codes() {
        let memory = Memory::default();
        let many: Vec<String> = (0..70_000).map(|number| number.to_string()).collect();
        assert!(Codes::of(&column(&[many]), &memory).is_none());
        assert!(Codes::of(&column(&[vec!["a".to_owned(); 100]]), &memory).is_none());
        let late: Vec<String> = (0..200_000)
            .map(|number| if number < 100_000 { "a".to_owned() } else { number.to_string() })
            .collect();
        assert!(Codes::of(&column(&[late]), &memory).is_none());
    }
}
