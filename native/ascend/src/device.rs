//! A device, as a model uses it: a context, and a stream in it.

use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::codes::STREAM_SYNC_TIMEOUT;
use crate::fault::{CallFault, Fault};
use crate::interface::{ContextHandle, DEVICE_MEMORY, StreamHandle};
use crate::library::{Library, call};

/// A use of a device, which AscendCL counts.
struct DeviceUse {
    library: Arc<Library>,
    device: i32,
}

impl DeviceUse {
    fn begin(library: &Arc<Library>, device: i32) -> Result<Self, Fault> {
        // SAFETY: any number may be given.
        unsafe { call!(library.aclrtSetDevice(device)) }?;
        Ok(Self {
            library: Arc::clone(library),
            device,
        })
    }
}

impl Drop for DeviceUse {
    fn drop(&mut self) {
        let library = &self.library;
        // SAFETY: the context on it is gone.
        library.released(unsafe { call!(library.aclrtResetDevice(self.device)) });
    }
}

/// A context on a device: what is made in it is used in it alone, by the threads that have entered it.
pub struct Context {
    handle: ContextHandle,
    device: DeviceUse,
}

impl Context {
    /// Makes a context and enters it.
    pub fn create(library: &Arc<Library>, device: i32) -> Result<Self, Fault> {
        let device_use = DeviceUse::begin(library, device)?;
        let mut handle = ptr::null_mut();
        // SAFETY: the handle is written to a variable of its type.
        unsafe { call!(library.aclrtCreateContext(&mut handle, device)) }?;
        let context = Self {
            handle,
            device: device_use,
        };
        context.enter()?;
        Ok(context)
    }

    /// Makes this thread use it.
    pub fn enter(&self) -> Result<(), Fault> {
        let library = self.library();
        // SAFETY: the context lives.
        unsafe { call!(library.aclrtSetCurrentContext(self.handle)) }
    }

    /// Its library.
    pub fn library(&self) -> &Arc<Library> {
        &self.device.library
    }

    /// The device's memory. The thread has entered the context.
    pub fn memory(&self) -> Result<DeviceMemory, Fault> {
        let library = self.library();
        let (mut free_bytes, mut total_bytes) = (0, 0);
        // SAFETY: both sizes are written to variables of their type.
        unsafe { call!(library.aclrtGetMemInfo(DEVICE_MEMORY, &mut free_bytes, &mut total_bytes)) }?;
        Ok(DeviceMemory {
            free_bytes,
            total_bytes,
        })
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let library = self.library();
        // SAFETY: what was made in it is gone.
        library.released(unsafe { call!(library.aclrtDestroyContext(self.handle)) });
    }
}

/// How much memory a device has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceMemory {
    /// What nobody uses.
    pub free_bytes: usize,
    /// All of it.
    pub total_bytes: usize,
}

/// A queue of work for a device, done in its order.
pub struct Stream {
    library: Arc<Library>,
    /// For calls that queue something.
    pub handle: StreamHandle,
}

impl Stream {
    /// Makes a stream in the context that the thread has entered.
    pub fn create(library: &Arc<Library>) -> Result<Self, Fault> {
        let mut handle = ptr::null_mut();
        // SAFETY: the handle is written to a variable of its type.
        unsafe { call!(library.aclrtCreateStream(&mut handle)) }?;
        Ok(Self {
            library: Arc::clone(library),
            handle,
        })
    }

    /// Waits until all that is queued is done, or fails with `DeadlineExceeded`; what is queued goes on then.
    pub fn synchronize(&self, deadline: Option<Instant>) -> Result<(), Fault> {
        let library = &self.library;
        let Some(deadline) = deadline else {
            // SAFETY: the stream lives.
            return unsafe { call!(library.aclrtSynchronizeStream(self.handle)) };
        };
        let limit = limit_ms(deadline.saturating_duration_since(Instant::now()))?;
        // SAFETY: the stream lives.
        let waited = unsafe { call!(library.aclrtSynchronizeStreamWithTimeout(self.handle, limit)) };
        waited.map_err(|fault| match fault {
            Fault::Call(CallFault {
                status: Some(STREAM_SYNC_TIMEOUT),
                ..
            }) => Fault::DeadlineExceeded,
            fault => fault,
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let library = &self.library;
        // SAFETY: what was queued is done.
        library.released(unsafe { call!(library.aclrtDestroyStream(self.handle)) });
    }
}

/// As AscendCL takes it: 1 ms or more.
fn limit_ms(left: Duration) -> Result<i32, Fault> {
    if left.is_zero() {
        return Err(Fault::DeadlineExceeded);
    }
    Ok(i32::try_from(left.as_millis().max(1)).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_never_none_nor_for_ever() {
        assert_eq!(limit_ms(Duration::ZERO), Err(Fault::DeadlineExceeded));
        assert_eq!(limit_ms(Duration::from_nanos(1)), Ok(1));
        assert_eq!(limit_ms(Duration::from_millis(1500)), Ok(1500));
        assert_eq!(limit_ms(Duration::from_secs(1 << 40)), Ok(i32::MAX));
    }
}
