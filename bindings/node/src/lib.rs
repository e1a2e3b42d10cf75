//! The Node package's native part. It holds no logic: it converts, leaves the event loop, calls one function of the
//! library, converts back and maps the error. What a user sees is the JavaScript beside it.

#![expect(clippy::needless_pass_by_value, reason = "Node-API hands over values, not references")]
#![expect(clippy::missing_errors_doc, clippy::must_use_candidate, reason = "nobody calls these from Rust")]

pub mod compare;
pub mod diff;
pub mod outcome;
pub mod run;
pub mod spec;
mod work;
