//! `recon378 compare`: two versions of a table.

use crate::args::CompareArguments;
use crate::exit::{Failure, Verdict};
use crate::terminal::{self, Stop};
use recon378::spec::ReadSpec;
use recon378::versions::NullPolicy;
use recon378::{CompareOptions, Comparison};

pub(crate) fn compare(arguments: &CompareArguments) -> Result<Verdict, Failure> {
    if let Some(folder) = &arguments.out {
        recon378::check_folder(folder)?;
    }
    let stop = Stop::on_ctrl_c();
    let rules = reading(arguments);
    let read = |path| recon378::read(&[path], &rules);
    let (left, right) = (read(&arguments.left)?, read(&arguments.right)?);
    let comparison = recon378::compare_with(&left, &right, &options(arguments), &stop.cancel, 0)?;
    if let Some(folder) = &arguments.out {
        stop.write(|cancel| recon378::write_comparison(&comparison, folder, arguments.format, cancel))?;
    }
    terminal::print(&told(&comparison, arguments))?;
    let found = arguments.fail_on_differences && !comparison.summary().equal;
    Ok(if found { Verdict::Found } else { Verdict::Clean })
}

fn reading(arguments: &CompareArguments) -> ReadSpec {
    ReadSpec {
        header: Some(!arguments.no_header),
        delimiter: arguments.delimiter,
        quote: arguments.quote,
        encoding: arguments.encoding.clone(),
        ..ReadSpec::default()
    }
}

fn options(arguments: &CompareArguments) -> CompareOptions {
    let empty = |name: &String| (name.clone(), NullPolicy::Empty);
    CompareOptions {
        key: arguments.key.clone(),
        columns: arguments.columns.clone(),
        ignored: arguments.ignore.clone(),
        renamed: arguments.rename.iter().cloned().collect(),
        within: arguments.within.iter().cloned().collect(),
        nulls: arguments.null_is_empty.iter().map(empty).collect(),
        ..CompareOptions::default()
    }
}

fn told(comparison: &Comparison, arguments: &CompareArguments) -> String {
    if arguments.json {
        return comparison.summary().to_json();
    }
    let mut text = comparison.summary().to_string();
    if let Some(folder) = &arguments.out {
        let file = folder.join(format!("differences.{}", arguments.format.name()));
        text = format!("{text}\nThe cells that differ are in {}\n", file.display());
    }
    text
}
