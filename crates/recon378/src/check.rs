//! What `check` tells: the plan, and what its passes would look at.

use recon378_core::plan::{self, Plan};
use recon378_core::survey::Survey;
use serde_json::Value;
use std::fmt;

/// A plan with the survey of its records, where there is one. Print it, or take it as JSON.
#[derive(Debug, Clone)]
pub struct Check {
    /// The spec resolved against both schemas.
    pub plan: Plan,
    /// What the passes would look at; none when only the schemas were checked.
    pub survey: Option<Survey>,
}

impl Check {
    /// The plan as a JSON object; the survey stands under `survey`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings, numbers and lists of them always have a JSON form.
        let mut view = serde_json::to_value(plan::view(&self.plan)).unwrap_or_default();
        if let (Value::Object(view), Some(survey)) = (&mut view, &self.survey) {
            view.insert("survey".to_owned(), serde_json::to_value(survey).unwrap_or_default());
        }
        format!("{view:#}")
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plan::describe(&self.plan))?;
        match &self.survey {
            Some(survey) => write!(f, "\nRecords\n{survey}"),
            None => Ok(()),
        }
    }
}
