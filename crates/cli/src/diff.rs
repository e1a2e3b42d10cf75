//! `recon378 diff`: two outcomes, or one input under two specs.

use crate::args::DiffArguments;
use crate::exit::{Failure, Verdict};
use crate::terminal::{self, Stop};
use recon378::{Diff, DiffInput};

pub(crate) fn diff(arguments: &DiffArguments) -> Result<Verdict, Failure> {
    if let Some(folder) = &arguments.out {
        recon378::check_folder(folder)?;
    }
    let stop = Stop::on_ctrl_c();
    let inputs = [DiffInput::Path(&arguments.old), DiffInput::Path(&arguments.new)];
    let diff = recon378::diff_with(inputs, &stop.cancel, 0)?;
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
            let groups = folder.join(format!("groups.{}", arguments.format.name()));
            format!("{text}\nThe groups are in {}\n", groups.display())
        }
        None => text,
    }
}
