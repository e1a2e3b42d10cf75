//! One look at a problem before it is solved: is it well formed, how large are its figures.

use super::Problem;
use crate::error::{Error, Result};

/// What decides how a problem is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Survey {
    /// Records on the left.
    pub(super) left_records: u64,
    /// Records on the right.
    pub(super) right_records: u64,
    /// Every node is one record.
    pub(super) single: bool,
    pub(super) gain_max: u32,
    pub(super) variance_max: u128,
    pub(super) days_max: u32,
}

impl Survey {
    /// Looks at every count and edge once.
    ///
    /// # Errors
    /// `Internal` where the promises of [`Problem`] are broken.
    pub(super) fn of(problem: &Problem) -> Result<Self> {
        let (left_records, left_single) = records(&problem.left_counts);
        let (right_records, right_single) = records(&problem.right_counts);
        let mut survey = Self {
            left_records,
            right_records,
            single: left_single && right_single,
            gain_max: 0,
            variance_max: 0,
            days_max: 0,
        };
        let mut well_formed = true;
        let mut previous = None;
        for edge in &problem.edges {
            let place = Some((u64::from(edge.left) << 32) | u64::from(edge.right));
            well_formed &= previous < place && edge.gain > 0;
            well_formed &= (edge.right as usize) < problem.right_counts.len();
            previous = place;
            survey.gain_max = survey.gain_max.max(edge.gain);
            survey.variance_max = survey.variance_max.max(edge.variance);
            survey.days_max = survey.days_max.max(edge.days);
        }
        well_formed &=
            problem.edges.last().is_none_or(|edge| (edge.left as usize) < problem.left_counts.len());
        well_formed &= left_records < u64::MAX && right_records < u64::MAX;
        let nodes = problem.left_counts.len() + problem.right_counts.len() + 1;
        if well_formed && u32::try_from(problem.edges.len() + nodes).is_ok() {
            Ok(survey)
        } else {
            Err(Error::Internal("an assignment problem is not well formed".to_owned()))
        }
    }
}

/// Sum of the counts and whether all are one; the sum is `u64::MAX` where a count is zero.
fn records(counts: &[u32]) -> (u64, bool) {
    let mut sum = 0_u64;
    let (mut least, mut most) = (1, 1);
    for &count in counts {
        sum += u64::from(count);
        least = least.min(count);
        most = most.max(count);
    }
    (if least == 0 { u64::MAX } else { sum }, most == 1)
}
