//! For tests. Strings that are answered are there until the thread's next call.

use std::ffi::{CStr, c_char, c_int};

use crate::call::lent;
use crate::state::{Injection, State, lock};

/// Begins anew, as in a new process.
#[unsafe(no_mangle)]
pub extern "C" fn simulator_reset() {
    let mut state = lock();
    state.set_current_context(0);
    *state = State::default();
}

/// Makes a call of a function fail, counted from 1 since the reset: it does nothing, and answers `code` or, where it answers no
/// `aclError`, what it answers when it fails.
///
/// # Safety
/// The function's name is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn simulator_inject(function: *const c_char, call: u64, code: c_int) {
    // SAFETY: our caller knows it.
    let function = unsafe { CStr::from_ptr(function) }.to_string_lossy().into_owned();
    lock().injections.push(Injection { function, call, code });
}

/// How often a function was called since the reset.
///
/// # Safety
/// The function's name is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn simulator_calls(function: *const c_char) -> u64 {
    // SAFETY: our caller knows it.
    let function = unsafe { CStr::from_ptr(function) }.to_string_lossy();
    lock().calls.get(&*function).copied().unwrap_or(0)
}

/// What is left, as a JSON object of counts by kind: `{}` when nothing is. `reclaimed_…` is what was there when its context or device
/// went, and nobody had released.
#[unsafe(no_mangle)]
pub extern "C" fn simulator_outstanding() -> *const c_char {
    let counts = lock().outstanding();
    let counts: Vec<_> = counts
        .iter()
        .map(|(kind, count)| format!("\"{kind}\":{count}"))
        .collect();
    lent(format!("{{{}}}", counts.join(",")))
}

/// What was done against the documentation since the reset, a line each.
#[unsafe(no_mangle)]
pub extern "C" fn simulator_misuses() -> *const c_char {
    lent(lock().misuses.join("\n"))
}
