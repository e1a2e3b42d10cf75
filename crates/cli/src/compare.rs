//! `recon378 compare`: two versions of a table.

use crate::args::CompareArguments;
use crate::exit::{Failure, Verdict};
use crate::reading;
use crate::terminal::{self, Bar, Stop};
use recon378::spec::ReadSpec;
use recon378::versions::NullPolicy;
use recon378::{CompareOptions, Comparer, Comparison, ResultKind, StageTimes, Version};
use std::sync::Arc;

pub(crate) fn compare(arguments: &CompareArguments) -> Result<Verdict, Failure> {
    if let Some(folder) = &arguments.out {
        recon378::check_folder(folder, ResultKind::Comparison)?;
    }
    let stop = Stop::on_ctrl_c();
    let times = Arc::new(StageTimes::around(Arc::new(Bar::new(!arguments.json))));
    let comparer = Comparer::new(options(arguments))
        .cancel(stop.cancel.clone())
        .progress(times.clone())
        .threads(arguments.host.threads())
        .memory_limit(arguments.host.memory_limit());
    let versions = [&arguments.left, &arguments.right].map(|path| Version::File(path.clone()));
    let comparison = comparer.run_versions(versions, &reading(arguments)?)?;
    if let Some(folder) = &arguments.out {
        stop.write(|cancel| recon378::write_comparison(&comparison, folder, arguments.format, cancel))?;
    }
    terminal::print(&told(&comparison, arguments))?;
    if arguments.times {
        terminal::remark(&times.report().to_string())?;
    }
    let found = arguments.fail_on_differences && !comparison.summary().equal;
    Ok(if found { Verdict::Found } else { Verdict::Clean })
}

/// What `--read` takes: no line of a table is left out uncounted, and cells are compared as they are written.
const READ_KEYS: [&str; 4] = ["skip", "ragged", "sheet", "range"];

fn reading(arguments: &CompareArguments) -> Result<ReadSpec, Failure> {
    let read = reading::of_tables(&arguments.read, &READ_KEYS)?;
    Ok(ReadSpec {
        header: Some(!arguments.no_header),
        delimiter: arguments.delimiter,
        quote: arguments.quote,
        encoding: arguments.encoding.clone(),
        ..read
    })
}

fn options(arguments: &CompareArguments) -> CompareOptions {
    let empty = |name: &String| (name.clone(), NullPolicy::Empty);
    let differ = |name: &String| (name.clone(), NullPolicy::Differ);
    CompareOptions {
        key: arguments.key.clone(),
        columns: arguments.columns.clone(),
        ignored: arguments.ignore.clone(),
        renamed: arguments.rename.iter().cloned().collect(),
        within: arguments.within.iter().cloned().collect(),
        nulls: arguments
            .null_is_empty
            .iter()
            .map(empty)
            .chain(arguments.null_differs.iter().map(differ))
            .collect(),
        ..CompareOptions::default()
    }
}

fn told(comparison: &Comparison, arguments: &CompareArguments) -> String {
    if arguments.json {
        return comparison.summary().to_json();
    }
    let mut text = comparison.summary().to_string();
    if let Some(folder) = &arguments.out {
        let file = terminal::table_in(folder, ResultKind::Comparison, "differences", arguments.format);
        text = format!("{text}\nThe cells that differ are in {file}\n");
    }
    text
}
