//! The index for measures by edits: lengths, counts of characters, and pairs of neighbouring characters.

use super::TextScratch;
use super::bag::{Bag, COUNT_MAX, Lanes, overlap};
use super::bounds::{Edit, Needs};
use super::postings::{Postings, Ranks};
use crate::plan::Millionths;
use std::borrow::Cow;
use std::ops::Range;

/// A pair of neighbouring characters (21 bits each) and which occurrence of it in the text this is.
type Pair = u64;
/// The first characters of a text, as far as Jaro-Winkler looks; 0 beyond the end.
type Begin = [u32; 4];

/// What a looked up text costs in scanned ones, which stand in a row and take about a nanosecond each (measured).
const LOOK_UP_COST: usize = 8;
/// Texts below which finding out what to look up costs more than scanning them all.
const LOOK_UP_MIN: usize = if cfg!(test) { 16 } else { 4_096 };

/// Texts sorted by length.
#[derive(Debug)]
pub(super) struct EditIndex {
    edit: Edit,
    at_least: Millionths,
    /// Positions of the texts in the slice they came in.
    positions: Vec<u32>,
    bags: Vec<Bag>,
    begins: Vec<Begin>,
    lanes: Lanes,
    /// Texts of one length, ascending by length.
    groups: Vec<Group>,
    ranks: Ranks<Pair>,
    pairs: Postings,
}

#[derive(Debug)]
struct Group {
    length: u32,
    texts: Range<usize>,
    /// Whether alike texts surely share a pair that is in the postings.
    by_pairs: bool,
}

/// A probed text.
struct Probe<'a> {
    text: &'a str,
    length: u32,
    bag: Bag,
    begin: Begin,
}

/// The texts whose lengths allow a probe.
struct Window<'a> {
    groups: &'a [Group],
    /// By group.
    needs: Vec<Needs>,
}

impl EditIndex {
    pub(super) fn build(edit: Edit, at_least: Millionths, texts: Vec<(u32, Cow<'_, str>)>) -> Self {
        let mut texts: Vec<(u32, u32, Cow<'_, str>)> =
            texts.into_iter().map(|(position, text)| (length(&text), position, text)).collect();
        texts.sort_unstable_by_key(|(length, position, _)| (*length, *position));
        let lanes = Lanes::of(&texts);
        let mut groups = Vec::new();
        let mut start = 0;
        for same in texts.chunk_by(|(a, ..), (b, ..)| a == b) {
            let length = same.first().map_or(0, |(length, ..)| *length);
            let by_pairs = edit.least_pairs_of_any(at_least, length) >= 1;
            groups.push(Group { length, texts: start..start + same.len(), by_pairs });
            start += same.len();
        }
        let (ranks, pairs) = index_pairs(edit, at_least, &texts, &groups);
        Self {
            edit,
            at_least,
            positions: texts.iter().map(|(_, position, _)| *position).collect(),
            bags: texts.iter().map(|(_, _, text)| lanes.bag(text)).collect(),
            begins: texts.iter().map(|(_, _, text)| begin(text)).collect(),
            lanes,
            groups,
            ranks,
            pairs,
        }
    }

    pub(super) fn candidates(&self, text: &str, scratch: &mut TextScratch, out: &mut Vec<u32>) -> u64 {
        let probe = Probe { text, length: length(text), bag: self.lanes.bag(text), begin: begin(text) };
        let (shortest, longest) = self.edit.partners(self.at_least, probe.length);
        let from = self.groups.partition_point(|group| group.length < shortest);
        let to = self.groups.partition_point(|group| group.length <= longest);
        let Some(groups) = self.groups.get(from..to).filter(|groups| !groups.is_empty()) else { return 1 };
        let mut needs = std::mem::take(&mut scratch.needs);
        needs.clear();
        needs.extend(groups.iter().map(|group| self.edit.needs(self.at_least, probe.length, group.length)));
        let window = Window { groups, needs };
        let mut work = groups.len() as u64;
        let looked_up = self.look_up(&probe, &window, scratch, out);
        work += looked_up.unwrap_or(0);
        for (group, needs) in groups.iter().zip(&window.needs) {
            if looked_up.is_none() || !group.by_pairs {
                work += group.texts.len() as u64;
                self.scan(&probe, group, needs, out);
            }
        }
        scratch.needs = window.needs;
        work
    }

    /// Texts of one length, by the counts of their characters.
    fn scan(&self, probe: &Probe<'_>, group: &Group, needs: &Needs, out: &mut Vec<u32>) {
        let texts = group.texts.clone();
        if probe.length > COUNT_MAX || group.length > COUNT_MAX {
            out.extend_from_slice(&self.positions[texts]);
            return;
        }
        let [.., least] = *needs;
        for (text, bag) in texts.clone().zip(&self.bags[texts]) {
            let common = overlap(&probe.bag, bag);
            if common >= least && common >= needs[same_begin(&probe.begin, &self.begins[text])] {
                out.push(self.positions[text]);
            }
        }
    }

    /// Texts that share a rare pair with the probe. `None` where that is not sure to find all, or costs more than a
    /// scan.
    fn look_up(
        &self,
        probe: &Probe<'_>,
        window: &Window<'_>,
        scratch: &mut TextScratch,
        out: &mut Vec<u32>,
    ) -> Option<u64> {
        let least = self.edit.least_pairs_of_any(self.at_least, probe.length);
        let texts = window.groups.first()?.texts.start..window.groups.last()?.texts.end;
        if least < 1 || texts.len() < LOOK_UP_MIN || !window.groups.iter().any(|group| group.by_pairs) {
            return None;
        }
        prefix(&self.ranks, probe.text, least, &mut scratch.ranks);
        let ranks = std::mem::take(&mut scratch.ranks);
        let lists = ranks.iter().map(|rank| within(self.pairs.get(*rank), &texts));
        let visited: usize = lists.clone().map(<[u32]>::len).sum();
        let is_worth_it = LOOK_UP_COST * visited <= texts.len();
        if is_worth_it {
            scratch.begin(self.positions.len());
            for text in lists.flatten().map(|text| *text as usize) {
                if scratch.first(text) && self.is_possible(probe, text, window) {
                    out.push(self.positions[text]);
                }
            }
        }
        scratch.ranks = ranks;
        is_worth_it.then_some(visited as u64)
    }

    /// One looked up text, by the counts of its characters.
    fn is_possible(&self, probe: &Probe<'_>, text: usize, window: &Window<'_>) -> bool {
        let at = window.groups.partition_point(|group| group.texts.end <= text);
        let (Some(group), Some(needs)) = (window.groups.get(at), window.needs.get(at)) else { return false };
        let is_judged = probe.length <= COUNT_MAX && group.length <= COUNT_MAX;
        let need = needs[same_begin(&probe.begin, &self.begins[text])];
        !is_judged || overlap(&probe.bag, &self.bags[text]) >= need
    }

    pub(super) fn bytes(&self) -> usize {
        self.positions.len() * (4 + size_of::<Bag>() + size_of::<Begin>())
            + self.lanes.bytes()
            + self.ranks.bytes()
            + self.pairs.bytes()
            + self.groups.len() * size_of::<Group>()
    }
}

/// The postings of the rarest pairs of each text whose length makes them sure.
fn index_pairs(
    edit: Edit,
    at_least: Millionths,
    texts: &[(u32, u32, Cow<'_, str>)],
    groups: &[Group],
) -> (Ranks<Pair>, Postings) {
    let mut all = Vec::new();
    let mut one = Vec::new();
    for group in groups.iter().filter(|group| group.by_pairs) {
        for (_, _, text) in &texts[group.texts.clone()] {
            pairs_of(text, &mut one);
            all.extend_from_slice(&one);
        }
    }
    let ranks = Ranks::of(all.iter());
    let mut prefixes: Vec<Vec<u32>> = vec![Vec::new(); texts.len()];
    for group in groups.iter().filter(|group| group.by_pairs) {
        let least = edit.least_pairs_of_any(at_least, group.length);
        for text in group.texts.clone() {
            prefix(&ranks, &texts[text].2, least, &mut prefixes[text]);
        }
    }
    let postings = Postings::of(ranks.len(), &prefixes);
    (ranks, postings)
}

/// Replaces `out` by the ranks of the rarest pairs of a text, of which any other text that shares at least `least`
/// pairs has one. Pairs that no indexed text has are the rarest of all.
fn prefix(ranks: &Ranks<Pair>, text: &str, least: i64, out: &mut Vec<u32>) {
    let mut pairs = Vec::new();
    pairs_of(text, &mut pairs);
    out.clear();
    out.extend(pairs.iter().filter_map(|pair| ranks.get(pair)));
    out.sort_unstable();
    let unknown = pairs.len() - out.len();
    let least = usize::try_from(least).unwrap_or(0).max(1);
    let looked_at = (pairs.len() + 1).saturating_sub(least);
    out.truncate(looked_at.saturating_sub(unknown));
}

/// Replaces `out` by the pairs of neighbouring characters of a text, each with its occurrence.
fn pairs_of(text: &str, out: &mut Vec<Pair>) {
    out.clear();
    let characters = text.chars().map(|character| u64::from(u32::from(character)));
    out.extend(characters.clone().zip(characters.skip(1)).map(|(a, b)| (a << 21 | b) << 22));
    out.sort_unstable();
    for same in out.chunk_by_mut(|a, b| a == b) {
        for (occurrence, pair) in (0..).zip(same) {
            *pair |= occurrence;
        }
    }
}

/// The part of an ascending list that lies in a range.
fn within<'a>(list: &'a [u32], range: &Range<usize>) -> &'a [u32] {
    let from = list.partition_point(|text| (*text as usize) < range.start);
    let to = list.partition_point(|text| (*text as usize) < range.end);
    list.get(from..to).unwrap_or(&[])
}

fn length(text: &str) -> u32 {
    let characters = if text.is_ascii() { text.len() } else { text.chars().count() };
    u32::try_from(characters).unwrap_or(u32::MAX)
}

fn begin(text: &str) -> Begin {
    let mut begin = [0; 4];
    for (slot, character) in begin.iter_mut().zip(text.chars()) {
        *slot = u32::from(character);
    }
    begin
}

/// Common first characters, at most 4. Texts that have ended count as going on alike, which only keeps more.
#[inline]
fn same_begin(left: &Begin, right: &Begin) -> usize {
    left.iter().zip(right).take_while(|(a, b)| a == b).count()
}
