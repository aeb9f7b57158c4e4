//! NVIDIA's driver: as much of it as starts functions on the device that ONNX Runtime computes on.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr;

use libloading::Library;

use crate::cuda::opened::{function, open_first};

const NAMES: &[&str] = &["libcuda.so.1"];
const SUCCESS: c_int = 0;
const COMPUTE_CAPABILITY_MAJOR: c_int = 75;
const COMPUTE_CAPABILITY_MINOR: c_int = 76;

/// A context, a module or a function: an address that only the driver looks at.
type Handle = *mut c_void;

/// The driver.
pub struct Driver {
    current_context: unsafe extern "C" fn(*mut Handle) -> c_int,
    current_device: unsafe extern "C" fn(*mut c_int) -> c_int,
    attribute: unsafe extern "C" fn(*mut c_int, c_int, c_int) -> c_int,
    load_module: unsafe extern "C" fn(*mut Handle, *const c_void) -> c_int,
    function_in: unsafe extern "C" fn(*mut Handle, Handle, *const c_char) -> c_int,
    launch: unsafe extern "C" fn(
        Handle,
        c_uint,
        c_uint,
        c_uint,
        c_uint,
        c_uint,
        c_uint,
        c_uint,
        Handle,
        *mut *mut c_void,
        *mut *mut c_void,
    ) -> c_int,
    error_text: unsafe extern "C" fn(c_int, *mut *const c_char) -> c_int,
    _library: Library,
}

/// A function on the device. It stays for as long as the process.
#[derive(Clone, Copy)]
pub struct DeviceFunction(usize);

impl Driver {
    /// Opens the one that the system's linker finds. Fails saying that there is none.
    pub fn open() -> Result<Self, String> {
        Self::open_named(NAMES)
    }

    fn open_named(names: &[&str]) -> Result<Self, String> {
        let library = open_first(names, "NVIDIA's driver, which operators on CUDA need,")?;
        // SAFETY: these functions have had these types since CUDA 4, in every driver.
        unsafe {
            Ok(Self {
                current_context: function(&library, "cuCtxGetCurrent")?,
                current_device: function(&library, "cuCtxGetDevice")?,
                attribute: function(&library, "cuDeviceGetAttribute")?,
                load_module: function(&library, "cuModuleLoadData")?,
                function_in: function(&library, "cuModuleGetFunction")?,
                launch: function(&library, "cuLaunchKernel")?,
                error_text: function(&library, "cuGetErrorString")?,
                _library: library,
            })
        }
    }

    /// The context of the calling thread, as a number: functions belong to one. Fails when the thread has none.
    pub fn context(&self) -> Result<usize, String> {
        let mut context = ptr::null_mut();
        // SAFETY: there is room for the answer.
        self.checked(unsafe { (self.current_context)(&mut context) })?;
        if context.is_null() {
            return Err("ONNX Runtime has made no CUDA context current on this thread".to_owned());
        }
        Ok(context.addr())
    }

    /// What the current device can do, such as 90 for compute capability 9.0.
    pub fn architecture(&self) -> Result<u32, String> {
        let mut device = 0;
        // SAFETY: there is room for the answer.
        self.checked(unsafe { (self.current_device)(&mut device) })?;
        let read = |attribute| {
            let mut value = 0;
            // SAFETY: there is room for the answer, and the device is the one that was answered.
            self.checked(unsafe { (self.attribute)(&mut value, attribute, device) })?;
            u32::try_from(value).map_err(|_| format!("the driver tells a compute capability of {value}"))
        };
        Ok(10 * read(COMPUTE_CAPABILITY_MAJOR)? + read(COMPUTE_CAPABILITY_MINOR)?)
    }

    /// Loads PTX into the current context.
    pub fn load(&self, ptx: &CStr, name: &CStr) -> Result<DeviceFunction, String> {
        let (mut module, mut function) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the text ends with a zero, and there is room for the answer.
        self.checked(unsafe { (self.load_module)(&mut module, ptx.as_ptr().cast()) })?;
        // SAFETY: as above, and the module was loaded.
        self.checked(unsafe { (self.function_in)(&mut function, module, name.as_ptr()) })?;
        Ok(DeviceFunction(function.expose_provenance()))
    }

    /// Starts a function; it computes in the order of the stream.
    ///
    /// # Safety
    ///
    /// The parameters are pointers to values of the types that the function has, in its order, and the memory that these point to is the
    /// device's for as long as the function computes.
    pub unsafe fn start(
        &self,
        DeviceFunction(function): DeviceFunction,
        blocks: u32,
        threads: u32,
        stream: *mut c_void,
        parameters: &mut [*mut c_void],
    ) -> Result<(), String> {
        // SAFETY: the function was loaded into this context, and of the parameters we have our caller's word.
        self.checked(unsafe {
            (self.launch)(
                ptr::with_exposed_provenance_mut(function),
                blocks,
                1,
                1,
                threads,
                1,
                1,
                0,
                stream,
                parameters.as_mut_ptr(),
                ptr::null_mut(),
            )
        })
    }

    fn checked(&self, result: c_int) -> Result<(), String> {
        if result == SUCCESS {
            return Ok(());
        }
        let mut text = ptr::null();
        // SAFETY: there is room for the answer, which is a static text, or nothing for a number that is unknown.
        unsafe {
            if (self.error_text)(result, &mut text) == SUCCESS && !text.is_null() {
                return Err(format!(
                    "NVIDIA's driver fails: {}",
                    CStr::from_ptr(text).to_string_lossy()
                ));
            }
        }
        Err(format!("NVIDIA's driver fails with error {result}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_is_missing_is_told() {
        let problem = Driver::open_named(&["libnowhere.so.1"]).err().unwrap();
        let expected = "NVIDIA's driver, which operators on CUDA need, is not there: \
                        none of libnowhere.so.1 can be opened";
        assert_eq!(problem, expected);
    }
}
