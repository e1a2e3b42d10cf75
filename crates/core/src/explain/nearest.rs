//! Without a candidate: the record that came nearest to being one.

use super::scene::{Scene, seated};
use crate::columns::Row;
use crate::decisions::barred_from;
use rayon::prelude::*;
use std::cmp::Ordering;

/// Requirements that the nearest record may lack: with more it is near in nothing.
const LACKS_MAX: usize = 2;

impl Scene<'_> {
    /// The open record that lacks the fewest of the pass's requirements, at most two and not all; among those the
    /// least variance, then days, then canonical order. Of equally many keys that differ, those nearest by variance
    /// are tested, `comparisons_max` of them.
    pub(super) fn nearest(&self, seat: usize, row: Row) -> Option<Row> {
        let own = self.place(seat, row);
        // What a person barred is not near, whatever it satisfies.
        let barred = barred_from(self.context.barred[seat], row);
        let is_barred = |other: Row| barred.iter().any(|pair| pair.1 == other);
        let required = self.pass.conditions.iter().filter(|condition| condition.required).count();
        let required = required + usize::from(self.pass.requires_probability());
        let most = LACKS_MAX.min((self.pass.key.len() + required).saturating_sub(1));
        let keys: Vec<(usize, Row)> = self.open[1 - seat]
            .par_iter()
            .filter(|other| self.place(1 - seat, **other) != own && !is_barred(**other))
            .map(|other| (self.keys[1 - seat].differing(*other, &self.keys[seat], row), *other))
            .filter(|(differing, _)| *differing <= most)
            .collect();
        let mut best: Option<(usize, Row)> = None;
        for differing in 0..=most {
            if best.is_some_and(|(lacks, _)| lacks < differing) {
                break;
            }
            let mut rows: Vec<Row> =
                keys.iter().filter(|(count, _)| *count == differing).map(|(_, other)| *other).collect();
            self.keep_near(seat, row, &mut rows);
            let lacking = |other: Row| {
                let (left, right) = seated(seat, row, other);
                let lacks = differing + self.context.scorer.lacking(left, right, most - differing);
                (lacks <= most).then_some((lacks, other))
            };
            let of_these = rows
                .into_par_iter()
                .filter_map(lacking)
                .min_by(|a, b| a.0.cmp(&b.0).then_with(|| self.nearer(seat, row, (a.1, b.1))));
            best = match (best, of_these) {
                (Some(old), Some(new)) if new.0 > old.0 => Some(old),
                (Some(old), Some(new)) if new.0 == old.0 => {
                    let order = self.nearer(seat, row, (old.1, new.1));
                    Some(if order.is_le() { old } else { new })
                }
                (old, new) => new.or(old),
            };
        }
        best.map(|(_, other)| other)
    }

    /// Keeps the nearest by variance, then days, then canonical order: as many as may be tested for one record.
    fn keep_near(&self, seat: usize, row: Row, rows: &mut Vec<Row>) {
        let most = self.world.outcome.plan().limits.comparisons_max as usize;
        if rows.len() > most && most > 0 {
            rows.select_nth_unstable_by(most - 1, |a, b| self.nearer(seat, row, (*a, *b)));
            rows.truncate(most);
        }
    }

    /// How far two records are apart: by variance, then days; what is not known lies farthest.
    fn apart(&self, seat: usize, row: Row, other: Row) -> (u128, u64) {
        let (left, right) = seated(seat, row, other);
        let distance = self.context.scorer.distance(left, right).unwrap_or(u128::MAX);
        (distance, self.context.scorer.days(left, right).map_or(u64::MAX, i64::unsigned_abs))
    }

    fn nearer(&self, seat: usize, row: Row, (a, b): (Row, Row)) -> Ordering {
        self.apart(seat, row, a)
            .cmp(&self.apart(seat, row, b))
            .then_with(|| self.context.canon[1 - seat].order(a, b))
    }
}
