//! Cleaning of text, step by step in the order written, without an allocation per record.

use crate::spec::Clean;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

/// Runs the steps of a field. Holds its own room, so that a column costs two buffers.
#[derive(Debug, Clone)]
pub(super) struct Cleaner {
    steps: Vec<Clean>,
    text: String,
    spare: String,
}

impl Cleaner {
    /// A cleaner with these steps; without any it changes nothing, not even by NFKC.
    pub(super) fn new(steps: &[Clean]) -> Self {
        Self { steps: steps.to_vec(), text: String::new(), spare: String::new() }
    }

    /// The cleaned text, trimmed; it may be empty.
    pub(super) fn clean<'t>(&'t mut self, text: &'t str) -> &'t str {
        if self.steps.is_empty() {
            return text.trim();
        }
        self.text.clear();
        if text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes {
            self.text.push_str(text);
        } else {
            self.text.extend(text.nfkc());
        }
        for index in 0..self.steps.len() {
            self.step(self.steps[index]);
        }
        self.text.trim()
    }

    fn step(&mut self, step: Clean) {
        let ascii = self.text.is_ascii();
        match step {
            Clean::Upper if ascii => self.text.make_ascii_uppercase(),
            Clean::Lower if ascii => self.text.make_ascii_lowercase(),
            Clean::Upper => self.rewrite(|text, out| out.extend(text.chars().flat_map(char::to_uppercase))),
            Clean::Lower => self.rewrite(|text, out| out.extend(text.chars().flat_map(char::to_lowercase))),
            Clean::Unaccent if ascii => {}
            Clean::Unaccent => self.rewrite(unaccent),
            Clean::Collapse if ascii && !has_gaps(self.text.as_bytes()) => {}
            Clean::Collapse => self.rewrite(collapse),
            Clean::Alphanumeric => self.text.retain(char::is_alphanumeric),
            Clean::Digits => self.text.retain(char::is_numeric),
            Clean::StripZeros => self.rewrite(|text, out| {
                let text = text.trim();
                let rest = text.trim_start_matches('0');
                out.push_str(if rest.is_empty() && !text.is_empty() { "0" } else { rest });
            }),
            Clean::Punctuation => self.rewrite(|text, out| {
                out.extend(
                    text.chars().map(|character| if is_punctuation(character) { ' ' } else { character }),
                );
            }),
        }
    }

    fn rewrite(&mut self, write: impl FnOnce(&str, &mut String)) {
        self.spare.clear();
        write(&self.text, &mut self.spare);
        std::mem::swap(&mut self.text, &mut self.spare);
    }
}

/// Characters without a Latin spelling stay: dropping them would make different names equal.
fn unaccent(text: &str, out: &mut String) {
    let mut room = [0; 4];
    for character in text.chars() {
        out.push_str(deunicode::deunicode_char(character).unwrap_or(character.encode_utf8(&mut room)));
    }
}

/// Whether ASCII text holds white space other than single spaces; its ends are trimmed later.
fn has_gaps(bytes: &[u8]) -> bool {
    let mut before = 0;
    bytes.iter().any(|&byte| {
        let gap = matches!(byte, b'\t'..=b'\r') || (byte == b' ' && before == b' ');
        before = byte;
        gap
    })
}

fn collapse(text: &str, out: &mut String) {
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
}

/// ASCII punctuation and symbols, and the punctuation of Latin and CJK texts that NFKC leaves.
fn is_punctuation(character: char) -> bool {
    character.is_ascii_punctuation()
        || matches!(
            character,
            '¡' | '§' | '«' | '¶' | '·' | '»' | '¿'
                | '\u{2010}'..='\u{2027}'
                | '\u{2030}'..='\u{205e}'
                | '\u{3001}'..='\u{3003}'
                | '\u{3008}'..='\u{3011}'
                | '\u{3014}'..='\u{301f}'
        )
}
