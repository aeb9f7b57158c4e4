//! The simulated library, as tests steer it. It is one for the whole process: a test holds it alone.

use std::ffi::{CStr, CString, c_char, c_int};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

static ALONE: Mutex<()> = Mutex::new(());

/// The simulator, reset.
pub struct Simulator {
    library: libloading::Library,
    _alone: MutexGuard<'static, ()>,
}

impl Simulator {
    /// Waits for its turn, and begins anew.
    pub fn start() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: it is ours, and has no initialisers.
        let library = unsafe { libloading::Library::new(path()) }.expect("cargo has built the simulator");
        let simulator = Self { library, _alone: alone };
        simulator.reset();
        simulator
    }

    /// Begins anew, as in a new process.
    pub fn reset(&self) {
        // SAFETY: the function has this type.
        unsafe { self.function::<unsafe extern "C" fn()>("simulator_reset")() };
    }

    /// Makes a call of a function fail, counted from 1.
    pub fn inject(&self, function: &str, call: u64, code: i32) {
        let function = CString::new(function).unwrap();
        type Inject = unsafe extern "C" fn(*const c_char, u64, c_int);
        // SAFETY: the function has this type, and the name is a string.
        unsafe { self.function::<Inject>("simulator_inject")(function.as_ptr(), call, code) };
    }

    /// How often a function was called.
    pub fn calls(&self, function: &str) -> u64 {
        let function = CString::new(function).unwrap();
        // SAFETY: the function has this type, and the name is a string.
        unsafe { self.function::<unsafe extern "C" fn(*const c_char) -> u64>("simulator_calls")(function.as_ptr()) }
    }

    /// What is left.
    pub fn outstanding(&self) -> String {
        self.text("simulator_outstanding")
    }

    /// What was done against the documentation.
    pub fn misuses(&self) -> String {
        self.text("simulator_misuses")
    }

    fn text(&self, function: &str) -> String {
        // SAFETY: the function has this type.
        let text = unsafe { self.function::<unsafe extern "C" fn() -> *const c_char>(function)() };
        // SAFETY: it is a string, until the next call of this thread.
        unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned()
    }

    fn function<F: Copy>(&self, name: &str) -> F {
        // SAFETY: our callers name the type.
        *unsafe { self.library.get::<F>(name.as_bytes()) }.expect("the simulator has it")
    }
}

/// Where cargo has put it: beside the tests.
pub fn path() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let name = format!(
        "{}ascendcl{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    tests.with_file_name(name)
}
