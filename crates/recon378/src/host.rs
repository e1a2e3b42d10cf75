//! What a host hands in beside the records: a flag to stop by, a listener, a memory limit, threads. None of these
//! change a result.

use crate::error::{Error, Result};
use recon378_core::control::Control;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Quiet, without a memory limit, on as many threads as the machine has, unless told otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Host {
    pub(crate) control: Control,
    pub(crate) threads: Option<usize>,
}

/// The methods by which a builder with a field `host` takes it.
macro_rules! host_methods {
    ($builder:ident, $progress:literal) => {
        impl $builder {
            /// Stops the work when `cancel` is set, from any thread; it then fails with the kind `cancelled`.
            pub fn cancel(mut self, cancel: recon378_core::Cancel) -> Self {
                self.host.control.cancel = cancel;
                self
            }

            #[doc = $progress]
            pub fn progress(mut self, progress: std::sync::Arc<dyn recon378_core::Progress>) -> Self {
                self.host.control.progress = Some(progress);
                self
            }

            /// Holds the work to this many bytes beyond tables handed in; records read from files count. Passing it is
            /// an error of the kind `limit`.
            pub fn memory_limit(mut self, bytes: u64) -> Self {
                self.host.control.memory = recon378_core::control::Memory::limited(bytes);
                self
            }

            /// Works on this many threads, made for the call and gone after it. 0: as many as the machine has.
            ///
            /// Without this, a call made inside a rayon pool (`pool.install(|| …)`) works on that pool.
            pub fn threads(mut self, threads: usize) -> Self {
                self.host.threads = Some(threads);
                self
            }
        }
    };
}

pub(crate) use host_methods;

impl Host {
    /// Does `work` on the threads that were asked for, made for the call; without a number on the rayon pool that the
    /// call is made in, if any.
    pub(crate) fn on_threads<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        if self.threads.is_none() && rayon::current_thread_index().is_some() {
            return guarded(work);
        }
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.unwrap_or(0))
            .thread_name(|index| format!("recon378-{index}"))
            .build()
            .map_err(|error| Error::internal(format!("no threads: {error}")))?;
        pool.install(|| guarded(work))
    }
}

/// No panic reaches the host: it becomes an internal error, and nothing that it left behind is used.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Error::internal(text.unwrap_or_else(|| "a panic without a message".to_owned())))
    })
}
