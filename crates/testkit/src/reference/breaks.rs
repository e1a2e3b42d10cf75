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
        if let Some((reason, pass)) = self.notes[side.index()].get(&row) {
            return Some((*reason, Some(*pass)));
        }
        let nearest = self.nearest(side, row);
        Some(nearest.map_or((missing, None), |nearest| (nearest.reason, Some(nearest.pass))))
    }

    fn check_breaks(&mut self, side: Side, expected: &[(Row, Reason, Option<u16>)]) {
        let Some(found) = self.found else { return };
        let by_formula: Vec<Row> = found.breaks[side.index()]
            .iter()
            .filter(|open| matches!(open.reason, Reason::FeeLike | Reason::FxLike))
            .map(|open| open.row)
            .collect();
        let formula = |row: &Row| by_formula.contains(row);
        // Near misses of bundles are not searched here: where a pass makes them, any near miss may be one.
        let bundles = self.plan.passes.iter().any(|pass| pass.bundles().is_some());
        let missing = if side == Side::Left { Reason::MissingOnRight } else { Reason::MissingOnLeft };
        let either = |row: &Row, reason: Reason| {
            if bundles && reason > Reason::SearchLimit {
                return missing;
            }
            // Formulas need more amounts than fit in here: what they explain is an amount that differs.
            let is_amount = matches!(
                reason,
                Reason::FeeLike | Reason::FxLike | Reason::RoundingLike | Reason::DigitsSlipped
            );
            if is_amount && formula(row) {
                return Reason::AmountDiffers;
            }
            let one_of_two = matches!(reason, Reason::Taken | Reason::Ambiguous);
            if one_of_two && self.either[side.index()].contains(row) { Reason::Ambiguous } else { reason }
        };
        // The pass of a near miss; what the passes themselves noted depends on picks among ties.
        let pass =
            |reason: Reason, pass: Option<u16>| pass.filter(|_| reason > Reason::SearchLimit && !bundles);
        let theirs: Vec<_> = found.breaks[side.index()]
            .iter()
            .map(|open| (open.row, either(&open.row, open.reason), pass(open.reason, open.pass)))
            .collect();
        let ours: Vec<_> = expected
            .iter()
            .map(|(row, reason, by)| (*row, either(row, *reason), pass(*reason, *by)))
            .collect();
        if theirs != ours {
            self.say(format!("breaks of {}: found {theirs:?}, expected {ours:?}", side.name()));
        }
    }
}
