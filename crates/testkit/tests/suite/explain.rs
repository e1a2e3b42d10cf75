//! Explanations of every group and record of generated cases, held against what the run found.

use recon378_core::columns::Row;
use recon378_core::compare::Scorer;
use recon378_core::explain::{
    CANDIDATES_MAX, EvidenceSteps, Explanation, GroupStory, PassStory, RecordStory, Subject,
};
use recon378_core::outcome::{Ambiguity, Break, Outcome, Pair, Reason, Span};
use recon378_core::plan::{Grouping, ONE, Side};
use recon378_core::spec::Cardinality;
use recon378_testkit::generate::{Case, case, minimised};
use recon378_testkit::run::{self, Prepared};
use std::sync::Arc;

/// Seeds that each property walks through.
const CASES: u64 = 400;

type Held = Result<(), String>;

fn always(property: impl Fn(&Outcome) -> Held) {
    let of = |case: &Case| outcome_of(case).map_or(Ok(()), |outcome| property(&outcome));
    let mut run = 0_u64;
    for seed in 0..CASES {
        let made = case(seed);
        run += u64::from(run::prepare(&made).is_ok());
        if of(&made).is_err() {
            let small = minimised(&made, |case| of(case).is_err());
            panic!("seed {seed}: {}\n{small}", of(&small).unwrap_err());
        }
    }
    assert!(run * 2 > CASES, "only {run} of {CASES} cases ran");
}

fn outcome_of(case: &Case) -> Option<Outcome> {
    outcome(run::prepare(case).ok()?)
}

fn outcome(prepared: Prepared) -> Option<Outcome> {
    let found = prepared.run().ok()?;
    Outcome::new(Arc::new(prepared.plan), Arc::new(prepared.columns), found).ok()
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Held {
    if holds { Ok(()) } else { Err(what()) }
}

fn group_of(outcome: &Outcome, span: Span, rows: [Row; 2]) -> u64 {
    let row = |side, row| outcome.columns().side(side).row_number(row);
    match span {
        Span::Across => 2 * row(Side::Left, rows[0]),
        Span::WithinLeft => 2 * row(Side::Left, rows[0]).min(row(Side::Left, rows[1])),
        Span::WithinRight => 2 * row(Side::Right, rows[0]).min(row(Side::Right, rows[1])) + 1,
    }
}

fn group(outcome: &Outcome, id: u64) -> Result<GroupStory, String> {
    match outcome.explain(&Subject::Group(id)) {
        Ok(Explanation::Group(story)) => Ok(*story),
        other => Err(format!("group {id}: {other:?}")),
    }
}

fn record(outcome: &Outcome, side: Side, row: Row) -> Result<RecordStory, String> {
    let row = outcome.columns().side(side).row_number(row);
    match outcome.explain(&Subject::Record { side, row }) {
        Ok(Explanation::Record(story)) => Ok(*story),
        other => Err(format!("{} {row}: {other:?}", side.name())),
    }
}

#[test]
fn the_steps_of_a_group_make_its_score_and_what_it_requires_holds() {
    always(|outcome| {
        for pair in outcome.pairs_rows() {
            let id = group_of(outcome, pair.span, [pair.left, pair.right]);
            let story = group(outcome, id)?;
            let (mut sum, mut weights) = (0_u128, 0_u128);
            for step in &story.score.steps {
                let product = u128::from(step.weight) * u128::from(step.grade);
                ensure(step.product == product.to_string(), || format!("group {id}: {step:?}"))?;
                sum += product;
                weights += u128::from(step.weight);
            }
            let score = match &story.score.evidence {
                Some(evidence) => likely(evidence)?,
                None => (2 * sum + weights).checked_div(2 * weights).unwrap_or(u128::from(ONE)),
            };
            let told = [u128::from(story.score.score), u128::from(pair.score)];
            ensure(told == [score; 2], || format!("group {id}: {score} is not {told:?}"))?;
            let lacking = story.conditions.iter().find(|one| one.required && one.verdict != "holds");
            ensure(lacking.is_none(), || format!("group {id}: {lacking:?}"))?;
            ensure(story.regret.is_none_or(|regret| regret == pair.regret), || {
                format!("group {id}: regret")
            })?;
        }
        Ok(())
    });
}

/// The probability that the steps add up to.
fn likely(evidence: &EvidenceSteps) -> Result<u128, String> {
    let steps = evidence.steps.iter().map(|step| i64::from(step.millibits));
    let sum = evidence.prior_millibits + steps.sum::<i64>();
    ensure(sum == evidence.millibits, || format!("{sum} is not {evidence:?}"))?;
    let bits = f64::from(i32::try_from(sum).unwrap()) / 1_000.0;
    Ok(format!("{:.0}", 1e6 / (1.0 + (-bits).exp2())).parse().unwrap())
}

/// Whether the pass of a pair makes pairs by assignment, of single records.
fn is_paired(outcome: &Outcome, pair: &Pair) -> bool {
    outcome.plan().passes[usize::from(pair.pass)].grouping == Grouping::Pairs
}

#[test]
fn the_rivals_of_a_group_are_counted_as_the_pass_did() {
    always(|outcome| {
        // Of records that are looked up, those that many may go to have no rivals of their own.
        let counted = |pair: &&Pair| pair.ambiguity != Ambiguity::Limited && is_paired(outcome, pair);
        for pair in outcome.pairs_rows().iter().filter(counted) {
            let story = group(outcome, group_of(outcome, pair.span, [pair.left, pair.right]))?;
            let told: u64 = story.rivals.iter().map(|rivals| rivals.count).sum();
            ensure(told == u64::from(pair.rivals), || {
                format!("group {}: {told} rivals, {} found", story.group_id, pair.rivals)
            })?;
        }
        Ok(())
    });
}

#[test]
fn a_tied_group_has_alternatives_and_no_other_has() {
    always(|outcome| {
        for pair in outcome.pairs_rows() {
            let story = group(outcome, group_of(outcome, pair.span, [pair.left, pair.right]))?;
            let margin = outcome.plan().passes[usize::from(pair.pass)].margin;
            let tied = pair.ambiguity == Ambiguity::Ambiguous && margin == 0;
            ensure(story.alternatives.is_empty() || pair.ambiguity == Ambiguity::Ambiguous, || {
                format!("group {}: {:?}", story.group_id, story.alternatives)
            })?;
            // A class of twins may be tied with nobody else: its records may also stay open.
            let alone = story.rivals.iter().all(|rivals| rivals.count == 0);
            ensure(!tied || alone || !story.alternatives.is_empty(), || {
                format!("group {}: tied, and no alternative", story.group_id)
            })?;
        }
        Ok(())
    });
}

/// Candidates of a record in a pass by looking at every pair, without blocks and limiters.
fn by_looking(outcome: &Outcome, pass: usize, side: Side, row: Row) -> Option<u64> {
    let (plan, columns) = (outcome.plan(), outcome.asked());
    let one = &plan.passes[pass];
    if one.cardinality != Cardinality::OneToOne || one.grouping != Grouping::Pairs {
        return None;
    }
    let [left, right] = [columns.side(Side::Left), columns.side(Side::Right)];
    let scorer = Scorer::bind(one, left, right, columns.scale).unwrap();
    let held = |row: Row| {
        let groups = outcome.groups_rows().iter().filter(|group| usize::from(group.verdict.pass) < pass);
        let grouped = groups.flat_map(|group| group.on(side.other())).any(|held| *held == row);
        grouped
            || outcome.pairs_rows().iter().any(|pair| {
                let [first, second] = pair.span.sides();
                let other = side.other();
                usize::from(pair.pass) < pass
                    && ((first, pair.left) == (other, row) || (second, pair.right) == (other, row))
            })
    };
    let others = columns.side(side.other());
    let count = (0..others.rows).filter(|other| others.takes_part(*other) && !held(*other)).filter(|other| {
        let (l, r) = if side == Side::Left { (row, *other) } else { (*other, row) };
        let keys = one.key.iter().all(|key| {
            let (a, b) = (&left.fields[key.left], &right.fields[key.right]);
            a.same(l, b, r) && (key.nulls_equal || !a.is_null(l))
        });
        keys && scorer.score(l, r).is_some()
    });
    Some(count.count() as u64)
}

/// The position of a told pass in the plan. Decisions stand among its passes, but are none that a person wrote.
fn place_of(outcome: &Outcome, told: &PassStory) -> usize {
    let passes = outcome.plan().passes.iter().enumerate();
    let mut searching = passes.filter(|(_, pass)| pass.searches()).map(|(at, _)| at);
    searching.nth(told.number - 1).unwrap_or(usize::MAX)
}

#[test]
fn the_candidates_of_a_record_are_those_that_satisfy_the_pass() {
    always(|outcome| {
        // What a person holds together or apart is not for the conditions to say.
        if outcome.plan().passes.iter().any(|pass| !pass.searches()) {
            return Ok(());
        }
        for side in Side::BOTH {
            for row in 0..outcome.asked().side(side).rows {
                let story = record(outcome, side, row)?;
                for pass in &story.passes {
                    let found = by_looking(outcome, place_of(outcome, pass), side, row);
                    ensure(found.is_none_or(|found| found == pass.candidates_count), || {
                        format!("{}: {found:?} candidates, {pass:#?}", story.record)
                    })?;
                    let worse = pass.candidates.windows(2).find(|two| two[0].gain < two[1].gain);
                    ensure(worse.is_none(), || format!("{}: not best first", story.record))?;
                }
            }
        }
        Ok(())
    });
}

#[test]
fn every_record_tells_its_own_end() {
    always(|outcome| {
        for pair in outcome.pairs_rows() {
            let [first, second] = pair.span.sides();
            for (side, row) in [(first, pair.left), (second, pair.right)] {
                let story = record(outcome, side, row)?;
                if !outcome.plan().passes[usize::from(pair.pass)].searches() {
                    ensure(story.passes.is_empty(), || format!("{}: decided, then matched", story.record))?;
                    continue;
                }
                let last = story.passes.last().ok_or("no pass")?;
                ensure(place_of(outcome, last) == usize::from(pair.pass), || {
                    format!("{}: {last:?}", story.record)
                })?;
                let chosen: Vec<_> = last.candidates.iter().filter(|one| one.fate == "chosen").collect();
                let partner = story.group.as_ref().and_then(|group| group.with.first());
                let is_partner =
                    chosen.iter().all(|one| Some(&one.record) == partner && one.score == pair.score);
                let told = chosen.len() == 1 || last.candidates.len() >= CANDIDATES_MAX;
                ensure(told && is_partner, || format!("{}: chosen {chosen:?}", story.record))?;
            }
        }
        Ok(())
    });
}

#[test]
fn the_rival_that_took_a_candidate_is_the_one_that_has_it() {
    always(|outcome| {
        for side in Side::BOTH {
            // Where records are taken as one, all members of a group are its rivals.
            let paired = |pass: u16| outcome.plan().passes[usize::from(pass)].grouping == Grouping::Pairs;
            let taken = |open: &&Break| open.reason == Reason::Taken && open.pass.is_none_or(paired);
            for open in outcome.breaks_of(side).iter().filter(taken) {
                let story = record(outcome, side, open.row)?;
                let told = story.open.as_ref().ok_or("not open")?;
                let pass = story.passes.iter().find(|pass| Some(&pass.pass) == told.pass.as_ref());
                let best = pass.and_then(|pass| pass.candidates.first()).ok_or("no candidate")?;
                let winner = (best.fate, Some(&best.record), best.winner.as_ref());
                let expected = ("taken", told.nearest.as_ref(), told.rival.as_ref());
                ensure(winner == expected, || format!("{}: {winner:?} is not {expected:?}", story.record))?;
                let holder = record(outcome, open.nearest_side(outcome.plan(), side), open.nearest)?;
                let partner = holder.group.as_ref().and_then(|group| group.with.first());
                ensure(partner == told.rival.as_ref(), || format!("{}: {partner:?}", story.record))?;
            }
        }
        Ok(())
    });
}

#[test]
fn text_and_json_tell_the_same() {
    always(|outcome| {
        for side in Side::BOTH {
            for row in 0..outcome.asked().side(side).rows {
                let story = record(outcome, side, row)?;
                let text = Explanation::Record(Box::new(story.clone())).to_string();
                let words = story.passes.iter().flat_map(|pass| &pass.candidates).map(|one| &one.words);
                let lacks =
                    story.passes.iter().filter_map(|pass| pass.nearest.as_ref()).flat_map(|one| &one.lacks);
                let open = story.open.iter().map(|open| &open.words);
                let missing = words.chain(lacks).chain(open).find(|words| !text.contains(*words));
                ensure(missing.is_none(), || format!("{missing:?} is not in\n{text}"))?;
            }
        }
        Ok(())
    });
}

#[test]
fn threads_and_batches_change_no_story() {
    let pools = [1, 3].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    for seed in 0..CASES / 4 {
        let made = case(seed);
        let Some(whole) = outcome_of(&made) else { continue };
        let [left, right] = made.batches();
        let (left, right) = (run::in_batches(&left, 2), run::in_batches(&right, 1));
        let cut = run::prepare_batches(&made.spec, [&left, &right]).ok().and_then(outcome).unwrap();
        for side in Side::BOTH {
            for row in 0..whole.asked().side(side).rows {
                let subject = Subject::Record { side, row: u64::from(row) };
                let told = |outcome: &Outcome| outcome.explain(&subject).unwrap().to_json();
                let stories = pools.each_ref().map(|pool| pool.install(|| told(&cut)));
                assert!(stories.iter().all(|story| *story == told(&whole)), "seed {seed}, {subject:?}");
            }
        }
    }
}
