//! Where the keys of a spec stand in the text it was read from: what is wrong with them may show only when the sources are
//! known, and a person looks for the line then too.

use super::tree::{Node, Position, Value, child_path, item_path};
use crate::error::{Error, Mistakes};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Lines and columns by path. They are no part of what a spec says: any two are equal.
#[derive(Clone, Default)]
pub struct Places(Arc<BTreeMap<String, Position>>);

impl Places {
    pub(super) fn of_tree(root: &Node) -> Self {
        let mut places = BTreeMap::new();
        if root.position.is_some() {
            collect(root, String::new(), &mut places);
        }
        Self(Arc::new(places))
    }

    /// Line and column of what stands at a path, from 1, or of the nearest that it stands in; `None` where there is no text.
    ///
    /// ```
    /// use recon378_core::Spec;
    /// let spec = Spec::from_toml("[fields]\namount = [\"paid\", \"due\"]\n[[pass]]\non = [\"amount\"]\n")?;
    /// assert_eq!(spec.places.of("fields.amount.left"), Some((2, 10)));
    /// assert_eq!(Spec::short(&["amount"])?.places.of("pass[0].on[0]"), None);
    /// # Ok::<(), recon378_core::Error>(())
    /// ```
    #[must_use]
    pub fn of(&self, path: &str) -> Option<(u32, u32)> {
        let mut path = path;
        loop {
            if let Some(place) = self.0.get(path) {
                return Some(*place);
            }
            path = path.get(..path.rfind(['.', '['])?)?;
        }
    }

    /// The error with a place for every mistake that has none, in the order of the text.
    #[must_use]
    pub fn locate(&self, error: Error) -> Error {
        match error {
            Error::Spec(mistakes) => Error::Spec(self.located(mistakes)),
            other => other,
        }
    }

    pub(crate) fn located(&self, mistakes: Mistakes) -> Mistakes {
        if self.0.is_empty() {
            return mistakes;
        }
        let located = mistakes.0.into_iter().map(|mistake| {
            let place = mistake.position.or_else(|| self.of(&mistake.path));
            mistake.at(place)
        });
        let mut all: Vec<_> = located.collect();
        all.sort_by_key(|mistake| mistake.position);
        Mistakes(all)
    }
}

fn collect(node: &Node, path: String, places: &mut BTreeMap<String, Position>) {
    match &node.value {
        Value::Table(entries) => {
            for entry in entries {
                collect(&entry.node, child_path(&path, &entry.key), places);
            }
        }
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(item, item_path(&path, at), places);
            }
        }
        Value::Null | Value::Flag(_) | Value::Number(_) | Value::Text(_) => {}
    }
    if let Some(position) = node.position.filter(|_| !path.is_empty()) {
        places.insert(path, position);
    }
}

impl PartialEq for Places {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Places {}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places of {} keys", self.0.len())
    }
}
