//! `recon378 explain`: the full story of a record or a group.

use crate::args::ExplainArguments;
use crate::exit::{Failure, Verdict};
use crate::sources::Request;
use crate::terminal::{self, Bar, Stop};
use recon378::{Outcome, Question, Reconciler, Replay};
use std::sync::Arc;

pub(crate) fn explain(arguments: &ExplainArguments) -> Result<Verdict, Failure> {
    let stop = Stop::on_ctrl_c();
    let outcome = outcome(arguments, &stop)?;
    let question = Question {
        group: arguments.group,
        record: arguments.record.clone(),
        occurrence: arguments.occurrence,
        ..Question::default()
    };
    let story = recon378::explain_until(&outcome, &question, &stop.cancel)?;
    terminal::print(&if arguments.json { story.to_json() } else { story.to_string() })?;
    Ok(Verdict::Clean)
}

/// The outcome of a result folder, run again, or that of a spec.
fn outcome(arguments: &ExplainArguments, stop: &Stop) -> Result<Outcome, Failure> {
    let manners = |reconciler: Reconciler| {
        reconciler
            .cancel(stop.cancel.clone())
            .progress(Arc::new(Bar::new(!arguments.json)))
            .threads(arguments.host.threads())
            .memory_limit(arguments.host.memory_limit())
    };
    if arguments.result.is_dir() {
        return Ok(Replay::open(&arguments.result)?.with(manners).run()?);
    }
    let request = Request::from_file(&arguments.result)?;
    Ok(manners(Reconciler::new(request.spec).base(request.base)).run_files()?)
}
