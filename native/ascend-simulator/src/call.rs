//! The way of every call: counted, failed where a test has asked for it, checked, and answered.

use std::cell::RefCell;
use std::ffi::{CString, c_char, c_int};
use std::ptr;

use crate::state::{State, lock};

/// An argument is not valid.
pub const INVALID_PARAM: c_int = 100000;
/// AscendCL is not initialised.
pub const UNINITIALIZE: c_int = 100001;
/// It was initialised before.
pub const REPEAT_INITIALIZE: c_int = 100002;
/// There is no such model.
pub const INVALID_MODEL_ID: c_int = 100011;
/// The model cannot be understood.
pub const PARSE_MODEL: c_int = 100013;
/// Inputs are not those of the model.
pub const MODEL_INPUT_NOT_MATCH: c_int = 100017;
/// Outputs are not those of the model.
pub const MODEL_OUTPUT_NOT_MATCH: c_int = 100018;
/// It was finalised before.
pub const REPEAT_FINALIZE: c_int = 100037;
/// There is no such device.
pub const INVALID_DEVICE: c_int = 107001;
/// The thread has entered no context.
pub const CONTEXT_NULL: c_int = 107002;
/// The stream is of another context.
pub const STREAM_CONTEXT: c_int = 107003;
/// The model is of another context.
pub const MODEL_CONTEXT: c_int = 107004;
/// An address is not aligned.
pub const UNALIGNED: c_int = 107008;
/// There is no such thing, or no longer.
pub const INVALID_HANDLE: c_int = 107017;
/// It cannot be done.
pub const NOT_SUPPORTED: c_int = 207000;
/// The device has not so much memory.
pub const OUT_OF_MEMORY: c_int = 207001;
/// A stream is not done.
pub const NOT_COMPLETE: c_int = 507004;
/// A stream was not done in time.
pub const SYNC_TIMEOUT: c_int = 507046;

/// Why a call fails.
pub struct Refusal {
    code: c_int,
    text: String,
    is_misuse: bool,
}

impl Refusal {
    /// A caller that is right can meet it.
    pub fn failure(code: c_int, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            is_misuse: false,
        }
    }

    /// The documentation forbids it: it is kept for the test, too.
    pub fn misuse(code: c_int, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            is_misuse: true,
        }
    }
}

/// A call of a function that answers an `aclError`.
pub fn status(function: &'static str, act: impl FnOnce(&mut State) -> Result<(), Refusal>) -> c_int {
    enter(function, act).err().unwrap_or(0)
}

/// A call of another function, which answers `failed` when it fails.
pub fn value<T>(function: &'static str, failed: T, act: impl FnOnce(&mut State) -> Result<T, Refusal>) -> T {
    enter(function, act).unwrap_or(failed)
}

fn enter<T>(function: &'static str, act: impl FnOnce(&mut State) -> Result<T, Refusal>) -> Result<T, c_int> {
    let mut state = lock();
    let (call, injected) = state.begin(function);
    if let Some(code) = injected {
        if function.starts_with("aclrtSynchronizeStream") && code != SYNC_TIMEOUT {
            state.abort_streams();
        }
        tell(format!("EJ0001: {function} was made to fail at call {call}"));
        return Err(code);
    }
    let outcome = if state.is_initialised || function == "aclInit" {
        act(&mut state)
    } else {
        Err(Refusal::misuse(UNINITIALIZE, "AscendCL is not initialised"))
    };
    outcome.map_err(|refusal| {
        let text = format!("{function}: {}", refusal.text);
        if refusal.is_misuse {
            state.misuses.push(text.clone());
        }
        tell(format!("EJ0002: {text}"));
        refusal.code
    })
}

thread_local! {
    /// What failed since it was asked for, the latest first.
    static RECENT: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static TOLD: RefCell<CString> = RefCell::default();
}

fn tell(text: String) {
    RECENT.with_borrow_mut(|recent| recent.insert(0, text));
}

/// A string of this thread, until the next one.
pub fn lent(text: String) -> *const c_char {
    let text = CString::new(text).unwrap_or_default();
    TOLD.with_borrow_mut(|told| {
        *told = text;
        told.as_ptr()
    })
}

/// Why this thread's calls failed since it asked before; null where none did.
#[unsafe(no_mangle)]
pub extern "C" fn aclGetRecentErrMsg() -> *const c_char {
    let (_, injected) = lock().begin("aclGetRecentErrMsg");
    let recent = RECENT.take();
    if injected.is_some() || recent.is_empty() {
        ptr::null()
    } else {
        lent(recent.join("\n"))
    }
}
