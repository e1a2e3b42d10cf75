//! One connected component of the candidate graph as an assignment problem, and its answer.

/// A candidate between two nodes. Nodes are twin classes, numbered in canonical order within the component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Left node.
    pub left: u32,
    /// Right node.
    pub right: u32,
    /// What the candidate is worth, in millionths, ≥ 1.
    pub gain: u32,
    /// |right − left| of the amounts; 0 where unknown.
    pub variance: u128,
    /// |days| between the dates; 0 where unknown.
    pub days: u32,
}

/// A component. Edges are sorted by (left, right) without repeats.
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// Records per left node, ≥ 1.
    pub left_counts: Vec<u32>,
    /// Records per right node, ≥ 1.
    pub right_counts: Vec<u32>,
    /// Candidates.
    pub edges: Vec<Edge>,
}

/// Records of two nodes that were put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Position in [`Problem::edges`].
    pub edge: u32,
    /// How many records of each node, ≥ 1.
    pub count: u32,
    /// Whether some optimal answer has another count here (twins counted as one thing).
    pub tied: bool,
    /// Gain lost if one such pair were forbidden; `None` above `regret_nodes_max`.
    pub regret: Option<u32>,
}

/// An optimal answer: greatest Σ gain, then least Σ variance, then least Σ days.
#[derive(Debug, Clone, Default)]
pub struct Solution {
    /// Sorted by edge.
    pub flows: Vec<Flow>,
    /// Per left node: whether the number of its records that are used, or whom they go to, differs between
    /// optimal answers.
    pub left_tied: Vec<bool>,
    /// The same per right node.
    pub right_tied: Vec<bool>,
}
