//! `recon378 diff`: two outcomes, or one input under two specs.

use crate::args::DiffArguments;
use crate::exit::{Failure, Verdict};
use crate::terminal::{self, Bar, Stop};
use recon378::{Diff, Differ, ResultKind};
use std::sync::Arc;

pub(crate) fn diff(arguments: &DiffArguments) -> Result<Verdict, Failure> {
    if let Some(folder) = &arguments.out {
        recon378::check_folder(folder, ResultKind::Diff)?;
    }
    let stop = Stop::on_ctrl_c();
    let diff = Differ::new()
        .cancel(stop.cancel.clone())
        .progress(Arc::new(Bar::new(!arguments.json)))
        .threads(arguments.host.threads())
        .memory_limit(arguments.host.memory_limit())
        .run(&arguments.old, &arguments.new)?;
    if let Some(folder) = &arguments.out {
        stop.write(|cancel| recon378::write_diff(&diff, folder, arguments.format, cancel))?;
    }
    terminal::print(&told(&diff, arguments))?;
    let found = arguments.fail_on_changes && !diff.summary().equal;
    Ok(if found { Verdict::Found } else { Verdict::Clean })
}

fn told(diff: &Diff, arguments: &DiffArguments) -> String {
    if arguments.json {
        return diff.summary().to_json();
    }
    let text = diff.summary().to_string();
    match &arguments.out {
        Some(folder) => {
            let groups = terminal::table_in(folder, ResultKind::Diff, "groups", arguments.format);
            format!("{text}\nThe groups are in {groups}\n")
        }
        None => text,
    }
}
