//! `docs/quality.md`.

use crate::case::Case;
use crate::{Figures, Measured, NotYet, Outcome, share};
use std::fmt::Write as _;

const HEAD: &str = "# Quality

How well specs written as a user would write them do on cases whose answers are known. Each spec stands in
`quality/<case>/spec.toml`: general passes from strict to lenient, written by hand after a look at the data, without
training. Where the author had seen more than the two tables, the case says so. There is no held-back part: these are
the cases the specs were written for. This page is written by

```sh
make quality
```

which is `cargo run --release -p recon378-testkit --bin quality -- ../shared/data`. The data sets belong to others and
are not part of the project; a case whose data is not there is skipped.

`matched` is what the engine decides alone; `proposed` is what it leaves to a person. Precision is the share of found
pairs that are true, recall the share of true pairs that were found, F1 their harmonic mean. Where records have more than
one true partner, passes of one to one can't find them all: `at most` is the recall that is left to them. Pairs are
compared over the whole tables, nothing is blocked beforehand. The cases `dm_…` are the exception: of their pairs only
some were ever judged, and the others don't count. Seconds are the time of one run: reading, preparing, matching and
finding out why records stay open; they vary between machines and runs, the other figures don't. What others reach is
quoted, not measured here.
";

/// The page without what follows from other measurements.
pub(crate) fn page(measured: &[(String, Case, Measured)], not_yet: &[NotYet]) -> Outcome<String> {
    let mut page = HEAD.to_owned();
    if cfg!(debug_assertions) {
        writeln!(
            page,
            "\nThis time the seconds are those of a build for development, which takes several times as long."
        )?;
    }
    writeln!(page, "\n| case | F1 matched | F1 matched + proposed | recall at most | seconds |")?;
    writeln!(page, "| --- | --- | --- | --- | --- |")?;
    for (name, _, result) in measured {
        let seconds: f64 = result.seconds.iter().sum();
        let [matched, both] = [f1(&result.matched), f1(&result.both)];
        let most = share(result.one_to_one_max, result.matched.known);
        writeln!(page, "| {name} | {matched} | {both} | {most} | {seconds:.2} |")?;
    }
    if !not_yet.is_empty() {
        writeln!(page, "\nNot measured yet:\n\n| data | why |\n| --- | --- |")?;
    }
    for NotYet { data, why } in not_yet {
        writeln!(page, "| {data} | {why} |")?;
    }
    for (name, case, result) in measured {
        section(&mut page, name, case, result)?;
    }
    Ok(page)
}

fn f1(figures: &Figures) -> String {
    share(2 * figures.right, figures.found + figures.known)
}

fn section(page: &mut String, name: &str, case: &Case, result: &Measured) -> Outcome<()> {
    let [left, right] = result.records;
    let [read, prepared, run] = result.seconds;
    let known = result.matched.known;
    writeln!(page, "\n## {name}\n\n{}\n", case.about.trim())?;
    match right {
        0 => write!(page, "{left} records, {known} true pairs")?,
        _ => write!(page, "{left} left and {right} right records, {known} true pairs")?,
    }
    if result.one_to_one_max < known {
        write!(page, ", {} of them by one to one at most", result.one_to_one_max)?;
    }
    writeln!(page, ".")?;
    if result.not_judged > 0 {
        writeln!(page, "{} more pairs were found that nobody judged.", result.not_judged)?;
    }
    writeln!(page, "{read:.3} s reading, {prepared:.3} s preparing, {run:.3} s matching.\n")?;
    writeln!(page, "| | pairs | true | precision | recall | F1 |\n| --- | --- | --- | --- | --- | --- |")?;
    writeln!(page, "| matched | {} |", result.matched.cells())?;
    writeln!(page, "| matched + proposed | {} |\n", result.both.cells())?;
    writeln!(page, "| pass | pairs | true | precision |\n| --- | --- | --- | --- |")?;
    for (pass, figures) in &result.by_pass {
        let precision = share(figures.right, figures.found);
        writeln!(
            page,
            "| {} | {} | {} | {precision} |",
            result.pass_name(*pass),
            figures.found,
            figures.right
        )?;
    }
    sets(page, result)?;
    writeln!(page, "\nOthers: {}", case.others.trim())?;
    Ok(())
}

/// What each set came to, where there are several.
fn sets(page: &mut String, result: &Measured) -> Outcome<()> {
    if result.by_set.len() < 2 {
        return Ok(());
    }
    writeln!(page, "\n| set | true pairs | precision, recall, F1 matched | and proposed |")?;
    writeln!(page, "| --- | --- | --- | --- |")?;
    for (name, [matched, both]) in &result.by_set {
        let [alone, proposed] = [matched, both].map(|figures| figures.shares().join(", "));
        writeln!(page, "| {name} | {} | {alone} | {proposed} |", matched.known)?;
    }
    Ok(())
}
