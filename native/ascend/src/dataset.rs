//! What a model is told of the memory of its inputs or outputs.

use std::sync::Arc;

use crate::fault::Fault;
use crate::interface::{DataBufferHandle, DatasetHandle};
use crate::library::{Library, call};
use crate::memory::DeviceBuffer;

/// A list of device buffers, in the order of the model's inputs or outputs.
pub struct Dataset {
    library: Arc<Library>,
    /// For the call that computes.
    pub handle: DatasetHandle,
    /// Dropped after the list.
    _buffers: Vec<DataBuffer>,
}

impl Dataset {
    /// A list of these buffers, which outlive it.
    pub fn over(library: &Arc<Library>, buffers: &[DeviceBuffer]) -> Result<Self, Fault> {
        let buffers: Vec<_> = buffers
            .iter()
            .map(|buffer| DataBuffer::over(library, buffer))
            .collect::<Result<_, _>>()?;
        // SAFETY: it takes nothing.
        let handle = unsafe { (library.interface.aclmdlCreateDataset)() };
        if handle.is_null() {
            return Err(library.failed("aclmdlCreateDataset", None));
        }
        let dataset = Self {
            library: Arc::clone(library),
            handle,
            _buffers: buffers,
        };
        for buffer in &dataset._buffers {
            // SAFETY: both live.
            unsafe { call!(library.aclmdlAddDatasetBuffer(handle, buffer.handle)) }?;
        }
        Ok(dataset)
    }
}

impl Drop for Dataset {
    fn drop(&mut self) {
        let library = &self.library;
        // SAFETY: nothing that is queued uses it; it does not own its buffers.
        library.released(unsafe { call!(library.aclmdlDestroyDataset(self.handle)) });
    }
}

struct DataBuffer {
    library: Arc<Library>,
    handle: DataBufferHandle,
}

impl DataBuffer {
    fn over(library: &Arc<Library>, buffer: &DeviceBuffer) -> Result<Self, Fault> {
        // SAFETY: the buffer is of this size, and outlives this.
        let handle = unsafe { (library.interface.aclCreateDataBuffer)(buffer.address, buffer.size_bytes) };
        if handle.is_null() {
            return Err(library.failed("aclCreateDataBuffer", None));
        }
        Ok(Self {
            library: Arc::clone(library),
            handle,
        })
    }
}

impl Drop for DataBuffer {
    fn drop(&mut self) {
        let library = &self.library;
        // SAFETY: the list that had it is gone; it does not own its memory.
        library.released(unsafe { call!(library.aclDestroyDataBuffer(self.handle)) });
    }
}
