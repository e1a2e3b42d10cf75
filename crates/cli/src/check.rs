//! `recon378 check`: what a spec would do, in words, before it does it.

use crate::args::CheckArguments;
use crate::exit::{Failure, Verdict};
use crate::sources::Request;
use crate::terminal;
use recon378::{Reconciler, plan};

pub(crate) fn check(arguments: &CheckArguments) -> Result<Verdict, Failure> {
    let request = Request::from_file(&arguments.spec)?;
    let plan = Reconciler::new(request.spec).base(request.base).check_files()?;
    if arguments.json {
        let view =
            serde_json::to_value(plan::view(&plan)).map_err(|error| Failure::ours(error.to_string()))?;
        terminal::print(&format!("{view:#}\n"))?;
    } else {
        terminal::print(&plan::describe(&plan))?;
    }
    Ok(Verdict::Clean)
}
