//! Groups of more than two records, beside pairs.

use super::*;

/// The run with a little of everything, in which a person put some of what was left together.
fn decided() -> (Plan, Columns, Found) {
    let (mut plan, columns, mut found) = everything();
    plan.passes.push(pass("decision", Cardinality::ManyToMany, Sign::Opposite));
    // Pairs 1 and 2 become one group inside EUR; pair 3 goes across cells with the record that was left open.
    let verdict = Pair { regret: NO_REGRET, ..pair(4, Span::Across, 0, 0) }.verdict();
    found.groups.push(verdict, &[7, 3], &[3]);
    found.groups.push(verdict, &[2, 1], &[4, 2, 0]);
    found.pairs.retain(|pair| ![1, 2, 3].contains(&pair.left));
    found.breaks[0].retain(|open| open.row != 7);
    found.breaks[1].clear();
    found.work.push(PassWork::default());
    (plan, columns, found)
}

#[test]
fn tables_hold_pairs_and_groups_in_one_order() {
    let outcome = outcome(decided()).unwrap();
    for name in ["groups", "members", "pairs", "tie_out"] {
        insta::assert_snapshot!(name, printed(&outcome.table(name).unwrap()));
    }
    assert_eq!(outcome.to_string(), "5 matched, 0 proposed, 1 open; 4 cells tied out");
    assert_eq!(outcome.summary().passes[4].matched.groups, 2);
}

#[test]
fn slices_of_pairs_and_groups_are_the_table() {
    let outcome = outcome(decided()).unwrap();
    for name in ["groups", "members", "pairs"] {
        let whole = printed(&outcome.table(name).unwrap());
        for rows in 1..6 {
            let batches: Vec<_> = outcome.batches(name, rows).unwrap().map(Result::unwrap).collect();
            let schema = outcome.empty(name).unwrap().schema();
            let together = arrow_select::concat::concat_batches(&schema, &batches).unwrap();
            assert_eq!(printed(&together), whole, "{name} by {rows}");
        }
    }
}

#[test]
fn groups_of_one_source_net() {
    let (plan, columns, mut found) = decided();
    found.pairs.retain(|pair| pair.span != Span::WithinLeft);
    let rest = std::mem::take(&mut found.groups);
    let verdict = rest.get(0).unwrap().verdict;
    found.groups.push(verdict, &[4, 5, 7], &[]);
    found.groups.push(verdict, &[3], &[3, 0, 2]);
    found.breaks[0].extend([open(1, Reason::MissingOnRight), open(2, Reason::MissingOnRight)]);
    found.breaks[1].push(open(4, Reason::MissingOnLeft));
    let outcome = outcome((plan, columns, found)).unwrap();
    insta::assert_snapshot!("one_source_groups", printed(&outcome.groups().unwrap()));
    insta::assert_snapshot!("one_source_tie_out", printed(&outcome.tie_out().unwrap()));
}

#[test]
fn corrupted_groups_are_refused() {
    let refused = |change: fn(&mut Found)| {
        let (plan, columns, mut found) = decided();
        change(&mut found);
        assert!(matches!(outcome((plan, columns, found)).unwrap_err(), crate::Error::Internal(_)));
    };
    refused(|found| found.groups = Groups::default());
    refused(|found| {
        let again = found.groups.clone();
        found.groups.append(again);
    });
    refused(|found| {
        let mut groups = Groups::default();
        for group in found.groups.iter() {
            groups.push(Verdict { pass: 0, ..group.verdict }, group.lefts, group.rights);
        }
        found.groups = groups;
    });
}

#[test]
fn a_group_beyond_38_digits_is_a_data_error() {
    let record = |amount: i128| ("A", Some(amount * 9 * 10_i128.pow(36)), "EUR", None, "L", "");
    // The cell's total is small: only the groups' are not.
    let records: Vec<Record<'_>> = (0..24).map(|at| record(if at < 12 { 1 } else { -1 })).collect();
    let (mut plan, mut found) = (plan(&[]), Found::default());
    plan.passes.push(pass("decision", Cardinality::ManyToMany, Sign::Same));
    let verdict = pair(4, Span::Across, 0, 0).verdict();
    found.groups.push(verdict, &(0..12).collect::<Vec<_>>(), &[]);
    found.groups.push(verdict, &(12..24).collect::<Vec<_>>(), &[]);
    let error = outcome((plan, columns(&records, &[]), found)).unwrap_err();
    assert_eq!((error.kind().name(), error.code()), ("invalid_data", "total_too_large"));
}
