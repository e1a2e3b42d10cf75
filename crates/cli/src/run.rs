//! `recon378 run`: reconciles, shows the summary, writes the outcome.

use crate::args::{FailOn, OutputArguments, RunArguments};
use crate::exit::{Failure, Verdict};
use crate::reading;
use crate::sources::{Request, with_columns};
use crate::terminal::{self, Bar, Stop};
use recon378::{ErrorKind, Format, Outcome, Reconciler, ResultKind, StageTimes};
use std::path::Path;
use std::sync::Arc;

pub(crate) fn run(arguments: &RunArguments) -> Result<Verdict, Failure> {
    let mut request = request(arguments)?;
    request.scale(&arguments.scale)?;
    reading::put(&mut request.spec, &arguments.read)?;
    if let Some(folder) = &arguments.output.out {
        recon378::check_folder(folder, ResultKind::Outcome)?;
    }
    if let Some(path) = &arguments.save {
        request.check_free(path)?;
    }
    let stop = Stop::on_ctrl_c();
    let times = Arc::new(StageTimes::around(Arc::new(Bar::new(!arguments.quiet && !arguments.json))));
    let mut reconciler = Reconciler::new(request.spec.clone())
        .base(request.base.clone())
        .cancel(stop.cancel.clone())
        .progress(times.clone())
        .threads(arguments.host.threads())
        .memory_limit(arguments.host.memory_limit());
    let standard_input = request.standard_input(&stop.cancel)?;
    if let Some(file) = &standard_input {
        reconciler = reconciler.standard_input(file.path());
    }
    let result = reconciler.run_files();
    // Data that can't be read as it is needs a spec that says how: here is the start of one.
    let worth_saving = result.as_ref().map_or_else(|error| error.kind() == ErrorKind::InvalidData, |_| true);
    if let Some(path) = arguments.save.as_ref().filter(|_| worth_saving) {
        request.save(path)?;
    }
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) if !arguments.on.is_empty() => return Err(with_columns(error, &request)),
        Err(error) => return Err(error.into()),
    };
    write(&reconciler, &outcome, &arguments.output, &stop)?;
    if arguments.json {
        terminal::print(&outcome.summary().to_json())?;
    } else if !arguments.quiet {
        terminal::print(&format!("{}\n", outcome.summary()))?;
        if let Some(statement) = outcome.statement_text(100) {
            terminal::print(&format!("{statement}\n"))?;
        }
        terminal::print(&whereabouts(arguments))?;
    }
    if arguments.times {
        terminal::remark(&times.report().to_string())?;
    }
    Ok(verdict(&outcome, &arguments.output.fail_on))
}

fn request(arguments: &RunArguments) -> Result<Request, Failure> {
    match (arguments.inputs.as_slice(), arguments.on.as_slice()) {
        ([spec], []) => Request::from_file(spec),
        ([file], on @ [_, ..]) => Request::duplicates(file, on),
        ([left, right], on @ [_, ..]) => Request::short(left, right, on),
        ([left, right], []) => {
            let columns = |path: &Path| {
                if path == Path::new("-") {
                    return Ok("that its first line names".to_owned());
                }
                let read = recon378::spec::ReadSpec::default();
                recon378::columns(&[path], &read).map(|columns| columns.join(", "))
            };
            Err(Failure::usage(format!(
                "two files need --on FIELD,…: the fields that must be equal\n{} has the columns {}\n{} has the columns {}",
                left.display(),
                columns(left)?,
                right.display(),
                columns(right)?,
            )))
        }
        _ => Err(Failure::usage("--on goes with two files: recon378 run LEFT RIGHT --on FIELD,…")),
    }
}

/// Writes the outcome where that was asked for.
fn write(
    reconciler: &Reconciler,
    outcome: &Outcome,
    output: &OutputArguments,
    stop: &Stop,
) -> Result<(), Failure> {
    let Some(folder) = &output.out else { return Ok(()) };
    let manifest =
        if output.hashes { reconciler.manifest_with_hashes(outcome)? } else { reconciler.manifest(outcome) };
    stop.write(|cancel| recon378::write_outcome(outcome, &manifest, folder, output.format, cancel))?;
    Ok(())
}

/// Where to look next.
fn whereabouts(arguments: &RunArguments) -> String {
    let saved = arguments.save.as_ref();
    let mut text =
        saved.map_or_else(String::new, |path| format!("The spec is in {}; build on it\n", path.display()));
    text += &match &arguments.output.out {
        Some(folder) => written(folder, arguments.output.format),
        None => "Nothing was written: --out DIR keeps groups, breaks and the tie-out as tables\n".to_owned(),
    };
    text
}

/// Says where an outcome is.
pub(crate) fn written(folder: &Path, format: Format) -> String {
    let open = terminal::table_in(folder, ResultKind::Outcome, "breaks", format);
    format!("The outcome is in {}; the open records and their reasons are in {open}\n", folder.display())
}

fn verdict(outcome: &Outcome, fail_on: &[FailOn]) -> Verdict {
    let found = |what: &FailOn| match what {
        FailOn::Breaks => outcome.summary().breaks() > 0,
        FailOn::Proposed => outcome.summary().proposed() > 0,
        FailOn::Differences => outcome.summary().differences() > 0,
        FailOn::Unreadable => {
            let summary = outcome.summary();
            summary.sources.iter().any(|source| !source.first_unreadable.is_empty())
        }
        FailOn::Unproven => outcome.summary().balances.is_some_and(|balances| balances.proven != Some(true)),
    };
    if fail_on.iter().any(found) { Verdict::Found } else { Verdict::Clean }
}
