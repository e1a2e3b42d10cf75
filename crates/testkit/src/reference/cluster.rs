//! Clusters the long way: every two open records are asked, and parts that are near are joined until nothing changes.

use super::Run;
use recon378_core::columns::Row;
use recon378_core::outcome::{Ambiguity, NO_REGRET, Reason, Verdict};
use recon378_core::plan::{Millionths, ONE, Side};
use recon378_core::spec::Status;

impl Run<'_> {
    /// A pass that puts near records of the only source together.
    pub(super) fn cluster(&mut self, index: usize) {
        let pass = &self.plan.passes[index];
        let number = u16::try_from(index).unwrap_or(u16::MAX);
        let rows: Vec<Row> =
            (0..self.table.rows(Side::Left)).filter(|row| self.is_open(Side::Left, *row)).collect();
        let mut links: Vec<(Millionths, usize, usize)> = Vec::new();
        for (at, one) in rows.iter().enumerate() {
            for (other_at, other) in rows.iter().enumerate().skip(at + 1) {
                let Some(candidate) = self.candidate(pass, (Side::Left, *one), (Side::Left, *other)) else {
                    continue;
                };
                if self.is_barred((Side::Left, *one), (Side::Left, *other)) {
                    self.note(Side::Left, *one, Reason::RejectedByDecision, number);
                    self.note(Side::Left, *other, Reason::RejectedByDecision, number);
                } else {
                    links.push((candidate.score, at, other_at));
                }
            }
        }
        // The score of a part: the best threshold at which it still hangs together.
        let mut parts: Vec<(Vec<usize>, Millionths)> = (0..rows.len()).map(|at| (vec![at], ONE)).collect();
        links.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
        for (score, one, other) in links {
            let place = |at: usize| parts.iter().position(|(part, _)| part.contains(&at)).unwrap_or_default();
            let (one, other) = (place(one), place(other));
            if one != other {
                let (more, theirs) = parts[other].clone();
                parts[one].0.extend(more);
                parts[one].1 = parts[one].1.min(theirs).min(score);
                parts.remove(other);
            }
        }
        let most = self.plan.limits.cluster_max as usize;
        for (part, score) in parts.into_iter().filter(|(part, _)| part.len() > 1) {
            let mut members: Vec<Row> = part.into_iter().map(|at| rows[at]).collect();
            members.sort_unstable();
            let large = members.len() > most;
            let proposed = large || pass.status == Status::Proposed || score < pass.propose_below;
            let verdict = Verdict {
                score,
                rivals: 0,
                regret: NO_REGRET,
                pass: number,
                status: if proposed { Status::Proposed } else { Status::Matched },
                ambiguity: if large { Ambiguity::Limited } else { Ambiguity::Unique },
            };
            if members.len() > 2 && self.is_barred_group(&members, &[]) {
                for row in &members {
                    self.note(Side::Left, *row, Reason::RejectedByDecision, number);
                }
                continue;
            }
            for row in &members {
                self.held[0][*row as usize] = true;
            }
            match *members.as_slice() {
                [one, other] => self.result.pairs.push(verdict.pair_within(one, other)),
                _ => self.result.groups.push(verdict, &members, &[]),
            }
        }
    }
}
