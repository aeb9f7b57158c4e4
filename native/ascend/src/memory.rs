//! Memory of the device, and memory of the host that the device can reach.

use std::ffi::c_void;
use std::ptr;
use std::slice;
use std::sync::Arc;

use crate::device::Stream;
use crate::fault::Fault;
use crate::interface::{DEVICE_TO_HOST, HOST_TO_DEVICE, HUGE_PAGES_FIRST};
use crate::library::{Library, call};

/// Memory of the device.
pub struct DeviceBuffer {
    library: Arc<Library>,
    /// Where it lies, for the device.
    pub address: *mut c_void,
    /// How much it is.
    pub size_bytes: usize,
}

impl DeviceBuffer {
    /// Allocates memory of the device whose context the thread has entered.
    pub fn allocate(library: &Arc<Library>, size_bytes: usize) -> Result<Self, Fault> {
        let mut address = ptr::null_mut();
        // SAFETY: the address is written to a variable of its type.
        unsafe { call!(library.aclrtMalloc(&mut address, size_bytes, HUGE_PAGES_FIRST)) }?;
        Ok(Self {
            library: Arc::clone(library),
            address,
            size_bytes,
        })
    }
}

impl Drop for DeviceBuffer {
    fn drop(&mut self) {
        let library = &self.library;
        // SAFETY: nothing that is queued uses it, and it is freed once.
        library.released(unsafe { call!(library.aclrtFree(self.address)) });
    }
}

/// Memory of the host from which and to which a device copies by itself.
pub struct HostBuffer {
    library: Arc<Library>,
    address: *mut c_void,
    size_bytes: usize,
}

impl HostBuffer {
    /// Allocates memory. It holds zeros.
    pub fn allocate(library: &Arc<Library>, size_bytes: usize) -> Result<Self, Fault> {
        let mut address = ptr::null_mut();
        // SAFETY: the address is written to a variable of its type.
        unsafe { call!(library.aclrtMallocHost(&mut address, size_bytes)) }?;
        // SAFETY: so many bytes were allocated; AscendCL does not say what is in them.
        unsafe { address.cast::<u8>().write_bytes(0, size_bytes) };
        Ok(Self {
            library: Arc::clone(library),
            address,
            size_bytes,
        })
    }

    /// What is in it. Nothing that is queued writes to it.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: so many bytes were allocated and written.
        unsafe { slice::from_raw_parts(self.address.cast(), self.size_bytes) }
    }

    /// What is in it, to be written. Nothing that is queued uses it.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: so many bytes were allocated and written, and nobody else has them.
        unsafe { slice::from_raw_parts_mut(self.address.cast(), self.size_bytes) }
    }

    /// Queues a copy to the device, which has the same size.
    pub fn queue_to(&self, device: &DeviceBuffer, stream: &Stream) -> Result<(), Fault> {
        let (library, size) = (&self.library, self.size_bytes);
        // SAFETY: both are of this size, and live until the stream is synchronised.
        unsafe {
            call!(library.aclrtMemcpyAsync(
                device.address,
                device.size_bytes,
                self.address,
                size,
                HOST_TO_DEVICE,
                stream.handle
            ))
        }
    }

    /// Queues a copy from the device, which has the same size.
    pub fn queue_from(&mut self, device: &DeviceBuffer, stream: &Stream) -> Result<(), Fault> {
        let (library, size) = (&self.library, self.size_bytes);
        // SAFETY: both are of this size, and live until the stream is synchronised.
        unsafe {
            call!(library.aclrtMemcpyAsync(self.address, size, device.address, size, DEVICE_TO_HOST, stream.handle))
        }
    }
}

impl Drop for HostBuffer {
    fn drop(&mut self) {
        let library = &self.library;
        // SAFETY: nothing that is queued uses it, and it is freed once.
        library.released(unsafe { call!(library.aclrtFreeHost(self.address)) });
    }
}
