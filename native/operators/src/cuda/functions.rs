//! Functions on devices, compiled when they are first needed.

use std::collections::HashMap;
use std::ffi::{CStr, c_void};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::cuda::compiler::Compiler;
use crate::cuda::driver::{DeviceFunction, Driver};
use crate::cuda::{Argument, CudaBody, Launch};

/// The driver, the compiler, and what they have made in this process.
pub struct Functions {
    driver: Driver,
    compiler: Compiler,
    made: Mutex<HashMap<Key, DeviceFunction>>,
}

/// A context, and what was compiled for its device: source, function and options.
type Key = (usize, &'static str, &'static CStr, &'static [&'static CStr]);

impl Functions {
    /// Opens the driver and the compiler, once in a process. Fails saying which of them is missing.
    pub fn open() -> Result<&'static Self, String> {
        static OPENED: OnceLock<Result<Functions, String>> = OnceLock::new();
        let opened = OPENED.get_or_init(|| {
            Ok(Self {
                driver: Driver::open()?,
                compiler: Compiler::open()?,
                made: Mutex::default(),
            })
        });
        opened.as_ref().map_err(Clone::clone)
    }

    /// Starts a body over inputs and outputs, in the order of a stream.
    ///
    /// # Safety
    ///
    /// The addresses are those of the tensors that the body takes and gives, on the device of the current context.
    pub unsafe fn run<O>(
        &self,
        body: &CudaBody<O>,
        tensors: &[*mut c_void],
        launch: &Launch,
        stream: *mut c_void,
    ) -> Result<(), String> {
        if launch.blocks == 0 {
            return Ok(());
        }
        let function = self.function(body)?;
        let pointers = tensors
            .iter()
            .map(|address| (&raw const *address).cast::<c_void>().cast_mut());
        let arguments = launch.arguments.iter().map(|argument| match argument {
            Argument::Int(value) => (&raw const *value).cast::<c_void>().cast_mut(),
            Argument::Float(value) => (&raw const *value).cast::<c_void>().cast_mut(),
        });
        let mut parameters: Vec<*mut c_void> = pointers.chain(arguments).collect();
        // SAFETY: what the parameters point to lives until this returns, when the driver has copied it; of the rest we have our
        // caller's word, and the body's.
        unsafe {
            self.driver
                .start(function, launch.blocks, launch.threads, stream, &mut parameters)
        }
    }

    fn function<O>(&self, body: &CudaBody<O>) -> Result<DeviceFunction, String> {
        let key = (self.driver.context()?, body.source, body.function, body.options);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(function) = made.get(&key) {
            return Ok(*function);
        }
        let ptx = self
            .compiler
            .compile(body.source, body.options, self.driver.architecture()?)?;
        let function = self.driver.load(&ptx, body.function)?;
        made.insert(key, function);
        Ok(function)
    }
}
