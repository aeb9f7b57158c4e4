//! Failures as JavaScript errors.

use napi::bindgen_prelude::{Env, JsError, Unknown};

use crate::fault::{Fault, contained};

/// Does something for JavaScript.
pub fn answer<T>(env: &Env, act: impl FnOnce() -> Result<T, Fault>) -> napi::Result<T> {
    contained(act).map_err(|fault| thrown(env, fault))
}

/// A failure as a JavaScript error with a `code`.
pub fn thrown(env: &Env, fault: Fault) -> napi::Error {
    let error = JsError::from(napi::Error::new(fault.code, fault.text));
    // SAFETY: the environment is that of the call that goes on.
    let error = unsafe { Unknown::from_raw_unchecked(env.raw(), error.into_value(env.raw())) };
    napi::Error::from_unknown_without_coercion(error)
}

/// What Node-API refused, as a failure: mostly an argument of another type.
pub fn refused(error: napi::Error) -> Fault {
    Fault::invalid(error.reason.clone())
}
