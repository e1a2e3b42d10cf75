//! What became of a candidate.

use super::model::{CandidateStory, Place};
use super::scene::{Found, Scene, seated};
use super::words;
use crate::columns::Row;
use crate::outcome::Pair;
use crate::plan::Grouping;
use crate::spec::Ambiguous;

/// How a candidate ended.
struct Fate {
    name: &'static str,
    words: String,
    /// The winner's name and its candidate.
    winner: Option<(Place, Found)>,
}

impl Scene<'_> {
    /// A candidate of a seat's record, told.
    pub(super) fn candidate(&self, seat: usize, row: Row, found: &Found) -> CandidateStory {
        let own = self.partner(seat, row);
        // Of equal records the partner is named, else the first: it was used first.
        let partner = own.map(|(_, partner)| partner).filter(|partner| found.members.contains(partner));
        let other = partner.or_else(|| found.members.first().copied()).unwrap_or_default();
        let (left, right) = seated(seat, row, other);
        let fate = self.fate((seat, row), found, other, own);
        let scale = self.world.outcome.asked().scale;
        let scorer = &self.context.scorer;
        CandidateStory {
            record: self.world.name(self.place(1 - seat, other)),
            equal_records: u32::try_from(found.members.len().saturating_sub(1)).unwrap_or(u32::MAX),
            score: found.score,
            gain: found.gain,
            variance: scorer.variance(left, right).map(|units| words::amount(units, scale)),
            days: scorer.days(left, right),
            conditions: self.verdicts((left, right)),
            fate: fate.name,
            words: fate.words,
            behind: fate.winner.as_ref().map(|(_, winner)| words::behind(found, winner, scale)),
            winner: fate.winner.map(|(place, _)| self.world.name(place)),
        }
    }

    fn fate(&self, (seat, row): (usize, Row), found: &Found, other: Row, own: Option<(Pair, Row)>) -> Fate {
        let scale = self.world.outcome.asked().scale;
        let name = |place| self.world.name(place);
        if self.is_cluster() {
            return self.fate_in_cluster((seat, row), other);
        }
        if own.is_some_and(|(_, partner)| partner == other) {
            return Fate { name: "chosen", words: "chosen".to_owned(), winner: None };
        }
        if let Some((pair, rival)) = self.partner(1 - seat, other) {
            // Several may have gone to one record: this is one of them.
            if self.pass.grouping == Grouping::Lookup && rival == row {
                return Fate { name: "chosen", words: "chosen".to_owned(), winner: None };
            }
            let winner = self.found_of(&pair);
            let place = self.place(seat, rival);
            let words = format!("taken by {}, {}", name(place), words::won_by(found, &winner, scale));
            return Fate { name: "taken", words, winner: Some((place, winner)) };
        }
        if let Some((pair, partner)) = own {
            let winner = self.found_of(&pair);
            let place = self.place(1 - seat, partner);
            let words = format!("{} was preferred, {}", name(place), words::won_by(found, &winner, scale));
            return Fate { name: "passed_over", words, winner: Some((place, winner)) };
        }
        if self.pass.ambiguous == Ambiguous::Leave {
            let words = "tied: the pass leaves such records to later ones".to_owned();
            return Fate { name: "freed", words, winner: None };
        }
        let most = self.world.outcome.plan().limits.rivals_max;
        let words = format!("cut by a limit: a record keeps its {most} best candidates");
        Fate { name: "cut", words, winner: None }
    }

    /// Near records are in one cluster, unless a limit or a person kept them apart.
    fn fate_in_cluster(&self, (seat, row): (usize, Row), other: Row) -> Fate {
        let group = |seat: usize, row: Row| self.world.group_id_of(self.place(seat, row));
        let (own, theirs) = (group(seat, row), group(1 - seat, other));
        let (name, words) = match (own, theirs) {
            (Some(own), Some(theirs)) if own == theirs => ("chosen", "in the same cluster"),
            (None, None) => ("cut", "kept apart: a person rejected the cluster, or a limit cut the search"),
            _ => ("cut", "cut by a limit"),
        };
        Fate { name, words: words.to_owned(), winner: None }
    }
}
