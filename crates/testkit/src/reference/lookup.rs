//! Passes in which each record goes to its best, the long way.

use super::Run;
use super::solve::Candidate;
use recon378_core::columns::Row;
use recon378_core::outcome::{Ambiguity, Reason, Verdict};
use recon378_core::plan::{Millionths, Side};
use recon378_core::spec::{Ambiguous, Status};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Where a record goes.
struct Link {
    many: Row,
    score: Millionths,
    rivals: u32,
    regret: u32,
    ambiguity: Ambiguity,
}

impl Run<'_> {
    pub(super) fn look_up(&mut self, index: usize) {
        let plan = self.plan;
        let pass = &plan.passes[index];
        let many = if pass.cardinality.has_many(Side::Left) { Side::Left } else { Side::Right };
        let number = u16::try_from(index).unwrap_or(u16::MAX);
        let open = |side: Side| -> Vec<Row> {
            let mut rows: Vec<Row> =
                (0..self.table.rows(side)).filter(|row| self.is_open(side, *row)).collect();
            rows.sort_by_key(|row| self.canonical(side, *row));
            rows
        };
        let (rows, ones) = (open(many), open(many.other()));
        let mut groups: BTreeMap<Row, Vec<Link>> = BTreeMap::new();
        for row in rows {
            let mut found: Vec<(Row, Candidate)> = Vec::new();
            for one in &ones {
                let (left, right) = if many == Side::Left { (row, *one) } else { (*one, row) };
                let Some(candidate) = self.candidate(pass, (Side::Left, left), (Side::Right, right)) else {
                    continue;
                };
                if self.is_barred((many, row), (many.other(), *one)) {
                    self.note(many, row, Reason::RejectedByDecision, number);
                    self.note(many.other(), *one, Reason::RejectedByDecision, number);
                } else {
                    found.push((*one, candidate));
                }
            }
            if let Some((one, link)) = self.link(index, (many, row), &found) {
                groups.entry(one).or_default().push(link);
            }
        }
        for (one, mut links) in groups {
            links.sort_by_key(|link| link.many);
            self.make(index, (many, one), &links);
        }
    }

    fn link(
        &mut self,
        index: usize,
        (many, row): (Side, Row),
        found: &[(Row, Candidate)],
    ) -> Option<(Row, Link)> {
        let pass = &self.plan.passes[index];
        let worth = |found: &Candidate| (Reverse(found.gain), found.variance, found.days);
        let best = found.iter().map(|(_, found)| worth(found)).min()?;
        let bests: Vec<&(Row, Candidate)> = found.iter().filter(|(_, one)| worth(one) == best).collect();
        let other = many.other();
        let class = |one: Row| (self.is_distinct(other, one).then_some(one), self.used(other, one));
        let (first, candidate) = bests.first()?;
        let tied = bests.iter().any(|(one, _)| class(*one) != class(*first));
        // Records equal to the best are no rivals in substance.
        let second =
            found.iter().filter(|(one, _)| class(*one) != class(*first)).map(|(_, one)| one.gain).max();
        let regret = candidate.gain - second.unwrap_or(0);
        let twins = bests.len() > 1;
        let close = !tied && !twins && pass.margin > 0 && regret <= pass.margin;
        let ambiguity = match (tied || close, twins) {
            (true, _) => Ambiguity::Ambiguous,
            (_, true) => Ambiguity::Interchangeable,
            _ => Ambiguity::Unique,
        };
        if ambiguity == Ambiguity::Ambiguous && pass.ambiguous == Ambiguous::Leave {
            let number = u16::try_from(index).unwrap_or(u16::MAX);
            self.note(many, row, Reason::Ambiguous, number);
            return None;
        }
        let rivals = u32::try_from(found.len() - 1).unwrap_or(u32::MAX);
        let first = *first;
        Some((first, Link { many: row, score: candidate.score, rivals, regret, ambiguity }))
    }

    /// Makes the group of what went to one record, unless a person rejected just that.
    fn make(&mut self, index: usize, (many, one): (Side, Row), links: &[Link]) {
        let pass = &self.plan.passes[index];
        let number = u16::try_from(index).unwrap_or(u16::MAX);
        let members: Vec<Row> = links.iter().map(|link| link.many).collect();
        let (lefts, rights) =
            if many == Side::Left { (members.clone(), vec![one]) } else { (vec![one], members.clone()) };
        if self.is_barred_group(&lefts, &rights) {
            for row in &members {
                self.note(many, *row, Reason::RejectedByDecision, number);
            }
            self.note(many.other(), one, Reason::RejectedByDecision, number);
            return;
        }
        let has = |what: Ambiguity| links.iter().any(|link| link.ambiguity == what);
        let ambiguity = if has(Ambiguity::Ambiguous) {
            Ambiguity::Ambiguous
        } else if has(Ambiguity::Interchangeable) {
            Ambiguity::Interchangeable
        } else {
            Ambiguity::Unique
        };
        let score = links.iter().map(|link| link.score).min().unwrap_or_default();
        let proposed = pass.status == Status::Proposed
            || score < pass.propose_below
            || (ambiguity == Ambiguity::Ambiguous && pass.ambiguous == Ambiguous::Propose);
        let verdict = Verdict {
            score,
            rivals: links.iter().map(|link| link.rivals).sum(),
            regret: links.iter().map(|link| link.regret).min().unwrap_or_default(),
            pass: number,
            status: if proposed { Status::Proposed } else { Status::Matched },
            ambiguity,
        };
        for row in &members {
            self.held[many.index()][*row as usize] = true;
        }
        self.held[many.other().index()][one as usize] = true;
        match (lefts.as_slice(), rights.as_slice()) {
            ([left], [right]) => self.result.pairs.push(verdict.pair(*left, *right)),
            (lefts, rights) => self.result.groups.push(verdict, lefts, rights),
        }
    }
}
