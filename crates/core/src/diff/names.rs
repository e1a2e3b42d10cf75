//! Names as numbers: passes, statuses, reasons and currencies of both outcomes, so that comparing them is comparing
//! integers.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// A name by its number.
pub(super) type Code = u32;
/// No name: null.
pub(super) const NONE: Code = Code::MAX;

/// The names of both outcomes, in the order in which they were met.
#[derive(Default)]
pub(super) struct Names {
    all: Vec<String>,
    by_name: HashMap<String, Code, FixedState>,
}

impl Names {
    /// The number of a name. Empty text is no name: text formats can't tell it from null.
    pub(super) fn code(&mut self, name: &str) -> Code {
        if name.is_empty() {
            return NONE;
        }
        if let Some(code) = self.by_name.get(name) {
            return *code;
        }
        // Names are passes, reasons and currencies; more than four billion of them don't fit any memory.
        let code = Code::try_from(self.all.len()).unwrap_or(NONE);
        self.all.push(name.to_owned());
        self.by_name.insert(name.to_owned(), code);
        code
    }

    /// The name of a number.
    pub(super) fn text(&self, code: Code) -> Option<&str> {
        self.all.get(code as usize).map(String::as_str)
    }

    /// The name of a number, owned.
    pub(super) fn owned(&self, code: Code) -> Option<String> {
        self.text(code).map(str::to_owned)
    }
}
