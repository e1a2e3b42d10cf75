//! `recon378 check`: what a spec would do, in words, before it does it.

use crate::args::CheckArguments;
use crate::exit::{Failure, Verdict};
use crate::sources::Request;
use crate::terminal::{self, Bar, Stop};
use recon378::{Check, Reconciler};
use std::sync::Arc;

pub(crate) fn check(arguments: &CheckArguments) -> Result<Verdict, Failure> {
    let request = Request::from_file(&arguments.spec)?;
    let stop = Stop::on_ctrl_c();
    let standard_input = request.standard_input(&stop.cancel)?;
    let mut reconciler = Reconciler::new(request.spec).base(request.base);
    if let Some(file) = &standard_input {
        reconciler = reconciler.standard_input(file.path());
    }
    if let Some(bytes) = arguments.memory {
        reconciler = reconciler.memory_limit(bytes);
    }
    let checked = if arguments.schemas_only {
        Check { plan: reconciler.check_files()?, survey: None }
    } else {
        let bar = Arc::new(Bar::new(!arguments.json));
        let (plan, survey) = reconciler.cancel(stop.cancel).progress(bar).check_file_records()?;
        Check { plan, survey: Some(survey) }
    };
    let text = if arguments.json { checked.to_json() + "\n" } else { checked.to_string() };
    terminal::print(&text)?;
    Ok(Verdict::Clean)
}
