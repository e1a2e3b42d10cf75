//! Open records and their reasons.

use super::Run;
use recon378_core::columns::Row;
use recon378_core::outcome::Reason;
use recon378_core::plan::Side;

impl Run<'_> {
    pub(super) fn breaks(&mut self) {
        for side in Side::BOTH {
            let breaks: Vec<_> = (0..self.table.rows(side))
                .filter_map(|row| self.reason(side, row).map(|(reason, pass)| (row, reason, pass)))
                .collect();
            self.check_breaks(side, &breaks);
            self.result.breaks[side.index()] = breaks;
        }
    }

    fn reason(&self, side: Side, row: Row) -> Option<(Reason, Option<u16>)> {
        let source = self.columns.side(side);
        if source.excluded.as_ref().is_some_and(|bits| bits.value(row as usize)) {
            return None;
        }
        if !source.takes_part(row) {
            return Some((Reason::Unreadable, None));
        }
        if !self.is_open(side, row) {
            return None;
        }
        let has_twin = !self.is_distinct(side, row)
            && (0..self.table.rows(side)).any(|other| {
                other != row
                    && source.takes_part(other)
                    && !self.is_distinct(side, other)
                    && self.used(side, other) == self.used(side, row)
            });
        if has_twin {
            return Some((Reason::Duplicate, None));
        }
        let missing = match side {
            Side::Left => Reason::MissingOnRight,
            Side::Right => Reason::MissingOnLeft,
        };
        let note = self.notes[side.index()].get(&row);
        Some(note.map_or((missing, None), |(reason, pass)| (*reason, Some(*pass))))
    }

    fn check_breaks(&mut self, side: Side, expected: &[(Row, Reason, Option<u16>)]) {
        let Some(found) = self.found else { return };
        let either = |row: &Row, reason: Reason| {
            let one_of_two = matches!(reason, Reason::Taken | Reason::Ambiguous);
            if one_of_two && self.either[side.index()].contains(row) { Reason::Ambiguous } else { reason }
        };
        let theirs: Vec<_> = found.breaks[side.index()]
            .iter()
            .map(|open| (open.row, either(&open.row, open.reason)))
            .collect();
        let ours: Vec<_> = expected.iter().map(|(row, reason, _)| (*row, either(row, *reason))).collect();
        if theirs != ours {
            self.say(format!("breaks of {}: found {theirs:?}, expected {ours:?}", side.name()));
        }
    }
}
