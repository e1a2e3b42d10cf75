//! What persons may say of a case: accepted, forced and rejected groups of any shape, some of them stale.

use super::case::Record;
use super::random::Random;
use recon378_core::spec::{DecisionKind, DecisionSpec, DecisionsSpec, RecordName};

/// Decisions that claim no record twice.
pub(super) fn decisions(random: &mut Random, sides: &[Vec<Record>; 2]) -> DecisionsSpec {
    // Places that a decision may still take, by side.
    let mut free = sides.each_ref().map(|records| {
        let mut places: Vec<usize> = (0..records.len()).collect();
        random.shuffle(&mut places);
        places
    });
    let mut all = Vec::new();
    for _ in 0..=random.index(3) {
        let kind = random.pick(&[
            DecisionKind::Accept,
            DecisionKind::Reject,
            DecisionKind::Reject,
            DecisionKind::Force,
        ]);
        let counts = random.pick(&[[1, 1], [1, 1], [1, 1], [2, 0], [0, 2], [2, 1], [1, 2], [2, 2], [3, 0]]);
        if (0..2).any(|side| free[side].len() < counts[side]) {
            continue;
        }
        let [left, right] = [0, 1].map(|side| {
            let from = free[side].len() - counts[side];
            let places = free[side].split_off(from);
            if kind == DecisionKind::Reject && random.chance(50) {
                // Another rejection may name the same records.
                free[side].splice(0..0, places.iter().copied());
            }
            places.into_iter().map(|at| name(random, &sides[side], at)).collect()
        });
        all.push(DecisionSpec { label: None, kind, left, right });
    }
    // A record that is free again may have been accepted since: such contradictions are refused.
    let claimed =
        |one: &DecisionSpec, other: &DecisionSpec| one.left == other.left && one.right == other.right;
    let made: Vec<DecisionSpec> = all.iter().filter(|one| one.kind.makes()).cloned().collect();
    all.retain(|one| one.kind.makes() || !made.iter().any(|other| claimed(one, other)));
    DecisionsSpec::Listed(all)
}

fn name(random: &mut Random, records: &[Record], at: usize) -> RecordName {
    let Some(id) = records[at].id.clone() else {
        return RecordName { row: u64::try_from(at).ok(), ..RecordName::default() };
    };
    let same = records.iter().filter(|record| record.id.as_ref() == Some(&id)).count();
    // Which of them is meant is told once per id: two decisions never mean the same one by chance.
    let before = records[..at].iter().filter(|record| record.id.as_ref() == Some(&id)).count();
    let occurrence = (same > 1).then(|| u32::try_from(before + 1).unwrap_or(1));
    let mut name = RecordName { id: Some(id), occurrence, ..RecordName::default() };
    if random.chance(8) {
        name.was.insert("amount".to_owned(), random.pick(&["10.00", "10.01", "-10"]).to_owned());
    }
    if random.chance(4) {
        name.id = Some("gone".to_owned());
        name.occurrence = None;
    }
    name
}
