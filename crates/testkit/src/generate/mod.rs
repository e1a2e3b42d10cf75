//! Sources whose truth is known, from a seed: big ledgers to measure on, and tiny awkward cases to be wrong on.

mod case;
mod causes;
mod decisions;
mod ledger;
mod random;

pub use case::{Case, Record, case, case_from, minimised, strategy};
pub use causes::{Cause, CauseOptions, Caused, causes};
pub use ledger::{Amounts, GenerateOptions, Generated, ledger};
pub use random::Random;
