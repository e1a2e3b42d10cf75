//! Hot loops close to the machine. The only place where `unsafe` may stand.

mod prefetch;

pub(crate) use prefetch::prefetch;
