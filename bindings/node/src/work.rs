//! Work beside the event loop: each call has a thread of its own, and settles a promise when it ends.

use napi::bindgen_prelude::{Object, ToNapiValue};
use napi::{Env, Error};

/// The library's error, its JSON form as the message: JavaScript makes a `ReconError` of it. Node-API loses codes and
/// fields of errors that cross from another thread, a message it keeps.
pub(crate) fn refused(error: recon378::Error) -> Error {
    Error::from_reason(error.to_json())
}

/// Does `work` on a thread of its own; the promise is settled with what it gives.
pub(crate) fn promised<T, W>(env: &Env, work: W) -> napi::Result<Object<'_>>
where
    T: ToNapiValue + Send + 'static,
    W: FnOnce() -> recon378::Result<T> + Send + 'static,
{
    let (deferred, promise) = env.create_deferred()?;
    let thread = std::thread::Builder::new().name("recon378".to_owned());
    let started = thread.spawn(move || match work() {
        Ok(value) => deferred.resolve(move |_| Ok(value)),
        Err(error) => deferred.reject(refused(error)),
    });
    match started {
        Ok(_detached) => Ok(promise),
        Err(error) => Err(Error::from_reason(format!("the system gives no thread: {error}"))),
    }
}
