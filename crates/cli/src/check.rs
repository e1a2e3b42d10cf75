//! `recon378 check`: what a spec would do, in words, before it does it.

use crate::args::CheckArguments;
use crate::exit::{Failure, Verdict};
use crate::sources::Request;
use crate::terminal::{self, Bar, Stop};
use recon378::{Plan, Reconciler, Survey, plan};
use serde_json::Value;
use std::sync::Arc;

pub(crate) fn check(arguments: &CheckArguments) -> Result<Verdict, Failure> {
    let request = Request::from_file(&arguments.spec)?;
    let reconciler = Reconciler::new(request.spec).base(request.base);
    let (plan, survey) = if arguments.schemas_only {
        (reconciler.check_files()?, None)
    } else {
        let bar = Arc::new(Bar::new(!arguments.json));
        let (plan, survey) =
            reconciler.cancel(Stop::on_ctrl_c().cancel).progress(bar).check_file_records()?;
        (plan, Some(survey))
    };
    let text = if arguments.json { json(&plan, survey.as_ref())? } else { words(&plan, survey.as_ref()) };
    terminal::print(&text)?;
    Ok(Verdict::Clean)
}

fn words(plan: &Plan, survey: Option<&Survey>) -> String {
    let survey = survey.map_or_else(String::new, |survey| format!("\nRecords\n{survey}"));
    plan::describe(plan) + &survey
}

fn json(plan: &Plan, survey: Option<&Survey>) -> Result<String, Failure> {
    let ours = |error: serde_json::Error| Failure::ours(error.to_string());
    let mut view = serde_json::to_value(plan::view(plan)).map_err(ours)?;
    if let (Value::Object(view), Some(survey)) = (&mut view, survey) {
        view.insert("survey".to_owned(), serde_json::to_value(survey).map_err(ours)?);
    }
    Ok(format!("{view:#}\n"))
}
