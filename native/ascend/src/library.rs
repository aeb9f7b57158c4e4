//! AscendCL in this process.

use std::ffi::{CStr, c_char};
use std::mem;
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::fault::{CallFault, Fault};
use crate::interface::{Interface, Status};

/// AscendCL, initialised. A process initialises it once, and finalises it at its end.
pub struct Library {
    /// Its functions.
    pub interface: Interface,
    is_initialised: bool,
    refused: Mutex<Vec<Fault>>,
}

/// Calls a function that answers an `aclError`: `call!(library.aclrtFree(pointer))`, within `unsafe`.
macro_rules! call {
    ($library:ident.$function:ident($($argument:expr),*)) => {
        $library.checked(stringify!($function), ($library.interface.$function)($($argument),*))
    };
}
pub(crate) use call;

impl Library {
    /// Opens `libascendcl.so` and initialises it, without a configuration file.
    ///
    /// Opening runs code of the library: whoever names it is trusted. Fails when it cannot be opened, lacks a function that is used, or
    /// cannot be initialised, as when this process has done so already.
    pub fn open(path: &Path) -> Result<Arc<Self>, Fault> {
        let named = |text: String| Fault::Library(format!("{}: {text}", path.display()));
        // SAFETY: the library's initialisers run; whoever names it is trusted.
        let opened = unsafe { libloading::Library::new(path) }
            .map_err(|error| named(format!("it cannot be opened: {}", reason(&error))))?;
        let interface = Interface::find(&opened).map_err(|fault| named(fault.to_string()))?;
        mem::forget(opened);
        let mut library = Self {
            interface,
            is_initialised: false,
            refused: Mutex::default(),
        };
        // SAFETY: a null pointer stands for no configuration.
        unsafe { call!(library.aclInit(ptr::null())) }?;
        library.is_initialised = true;
        Ok(Arc::new(library))
    }

    /// How many devices there are.
    pub fn device_count(&self) -> Result<u32, Fault> {
        let mut count = 0;
        // SAFETY: the count is written to a variable of its type.
        unsafe { call!(self.aclrtGetDeviceCount(&mut count)) }?;
        Ok(count)
    }

    /// The kind of processor on the devices, such as `Ascend310P3`.
    pub fn processor(&self) -> Result<String, Fault> {
        // SAFETY: it answers null or a string that stays.
        let name = unsafe { text_at((self.interface.aclrtGetSocName)()) };
        name.ok_or_else(|| self.failed("aclrtGetSocName", None))
    }

    /// What the library refused to take back since the last time that this was asked. It is lost until the process ends; everything else
    /// was released nevertheless.
    pub fn take_refused(&self) -> Vec<Fault> {
        mem::take(&mut self.refused.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Finalises AscendCL for this process. Fails while a model is loaded, and when AscendCL does.
    pub fn close(library: Arc<Self>) -> Result<(), Fault> {
        let mut library = Arc::try_unwrap(library)
            .map_err(|_| Fault::Invalid("AscendCL cannot be closed: a model is still loaded".into()))?;
        library.is_initialised = false;
        // SAFETY: nothing of it is held any more.
        unsafe { call!(library.aclFinalize()) }
    }

    /// What a function's answer means.
    pub fn checked(&self, function: &'static str, status: Status) -> Result<(), Fault> {
        if status == 0 {
            Ok(())
        } else {
            Err(self.failed(function, Some(status)))
        }
    }

    /// The failure of a call that this thread has just made.
    pub fn failed(&self, function: &'static str, status: Option<Status>) -> Fault {
        // SAFETY: it answers null or a string that is there until this thread asks again.
        let details = unsafe { text_at((self.interface.aclGetRecentErrMsg)()) };
        let details = details.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        Fault::Call(CallFault {
            function,
            status,
            details: details.unwrap_or_default(),
        })
    }

    /// Keeps why something could not be released, for [`Self::take_refused`].
    pub fn released(&self, outcome: Result<(), Fault>) {
        if let Err(fault) = outcome {
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
        }
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        if self.is_initialised {
            // SAFETY: nothing of it is held any more. Nobody is left to be told.
            let _ = unsafe { (self.interface.aclFinalize)() };
        }
    }
}

/// The string at an address, unless that is null.
///
/// # Safety
/// Otherwise it is one, and stays until this returns.
pub(crate) unsafe fn text_at(address: *const c_char) -> Option<String> {
    if address.is_null() {
        return None;
    }
    // SAFETY: our caller knows it.
    Some(unsafe { CStr::from_ptr(address) }.to_string_lossy().into_owned())
}

/// The linker's own words, where it has any.
fn reason(error: &dyn std::error::Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |source| source.to_string())
}
