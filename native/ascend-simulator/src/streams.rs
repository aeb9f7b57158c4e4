//! Streams. What is queued is done when its stream is synchronised, and not before; time passes as models say that they take it.

use std::collections::VecDeque;
use std::ffi::{c_int, c_void};
use std::ptr;
use std::slice;
use std::sync::Arc;

use crate::call::{
    INVALID_HANDLE, INVALID_PARAM, NOT_COMPLETE, NOT_SUPPORTED, Refusal, STREAM_CONTEXT, SYNC_TIMEOUT, UNALIGNED,
    status,
};
use crate::format::Model;
use crate::runtime::answered;
use crate::state::{ALIGNMENT, Handle, State, known};

/// Work that is done in its order.
pub struct Stream {
    /// Where it was made.
    pub context: Handle,
    tasks: VecDeque<Task>,
    /// How long what is queued takes.
    left_ms: u64,
}

/// Something that was queued.
pub enum Task {
    /// A copy between host and device.
    Copy {
        /// To where.
        to: usize,
        /// From where.
        from: usize,
        /// How much.
        size_bytes: usize,
        /// Whether it goes to the device.
        is_upload: bool,
    },
    /// A run of a model.
    Run {
        /// The model.
        model: Arc<Model>,
        /// Addresses of its inputs.
        inputs: Vec<usize>,
        /// Addresses of its outputs.
        outputs: Vec<usize>,
        /// What tells of them, and must be there until it is done.
        handles: Vec<Handle>,
    },
}

impl Stream {
    /// Queues something.
    pub fn queue(&mut self, task: Task) {
        if let Task::Run { model, .. } = &task {
            self.left_ms += model.takes_ms;
        }
        self.tasks.push_back(task);
    }

    /// What is queued comes to nothing.
    pub fn abort(&mut self) {
        self.tasks.clear();
        self.left_ms = 0;
    }

    /// Whether something that is queued uses this.
    pub fn uses(&self, handle: Handle) -> bool {
        self.tasks.iter().any(|task| match task {
            Task::Copy { to, from, .. } => [*to, *from].contains(&handle),
            Task::Run {
                inputs,
                outputs,
                handles,
                ..
            } => [inputs, outputs, handles].iter().any(|used| used.contains(&handle)),
        })
    }
}

/// Makes a stream.
///
/// # Safety
/// The address is null or that of an `aclrtStream`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aclrtCreateStream(stream: *mut *mut c_void) -> c_int {
    status("aclrtCreateStream", |state| {
        let context = state.current_context()?;
        let handle = state.new_handle();
        // SAFETY: our caller knows it.
        unsafe { answered(stream, ptr::without_provenance_mut(handle)) }?;
        state.streams.insert(
            handle,
            Stream {
                context,
                tasks: VecDeque::new(),
                left_ms: 0,
            },
        );
        Ok(())
    })
}

/// Destroys a stream that is done.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtDestroyStream(stream: *mut c_void) -> c_int {
    status("aclrtDestroyStream", |state| {
        if !entered(state, stream)?.tasks.is_empty() {
            return Err(Refusal::misuse(
                NOT_COMPLETE,
                "it was not synchronised after something was queued",
            ));
        }
        state.streams.remove(&stream.addr());
        Ok(())
    })
}

/// Does what is queued.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtSynchronizeStream(stream: *mut c_void) -> c_int {
    status("aclrtSynchronizeStream", |state| finish(state, stream))
}

/// Does what is queued, if that takes no longer than so many milliseconds; -1: however long it takes.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtSynchronizeStreamWithTimeout(stream: *mut c_void, timeout_ms: i32) -> c_int {
    status("aclrtSynchronizeStreamWithTimeout", |state| {
        let limit_ms = match timeout_ms {
            -1 => u64::MAX,
            1.. => timeout_ms.unsigned_abs().into(),
            _ => return Err(Refusal::misuse(INVALID_PARAM, "a timeout is -1, or 1 ms or more")),
        };
        let queued = entered(state, stream)?;
        if queued.left_ms > limit_ms {
            queued.left_ms -= limit_ms;
            return Err(Refusal::failure(
                SYNC_TIMEOUT,
                format!("it takes {} ms more", queued.left_ms),
            ));
        }
        finish(state, stream)
    })
}

/// Queues a copy between host and device.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtMemcpyAsync(
    to: *mut c_void,
    to_bytes: usize,
    from: *const c_void,
    size_bytes: usize,
    kind: c_int,
    stream: *mut c_void,
) -> c_int {
    status("aclrtMemcpyAsync", |state| {
        let is_upload = match kind {
            1 => true,
            2 => false,
            _ => {
                return Err(Refusal::misuse(
                    NOT_SUPPORTED,
                    format!("copies of kind {kind} are not simulated"),
                ));
            }
        };
        let (to, from) = (to.addr(), from.addr());
        if !to.is_multiple_of(ALIGNMENT) || !from.is_multiple_of(ALIGNMENT) {
            return Err(Refusal::misuse(
                UNALIGNED,
                format!("an address is no multiple of {ALIGNMENT}"),
            ));
        }
        let (device, host) = if is_upload { (to, from) } else { (from, to) };
        let device_bytes = known("memory of the device", &mut state.device_memory, device)?.len();
        let host_bytes = known("memory of the host", &mut state.host_memory, host)?.size_bytes();
        if size_bytes == 0 || size_bytes > to_bytes || size_bytes > device_bytes.min(host_bytes) {
            return Err(Refusal::misuse(INVALID_PARAM, format!("{size_bytes} bytes do not fit")));
        }
        entered(state, stream)?.queue(Task::Copy {
            to,
            from,
            size_bytes,
            is_upload,
        });
        Ok(())
    })
}

/// A stream of the context that the thread has entered.
pub fn entered(state: &mut State, stream: *mut c_void) -> Result<&mut Stream, Refusal> {
    let context = state.current_context()?;
    let stream = known("stream", &mut state.streams, stream.addr())?;
    if stream.context != context {
        return Err(Refusal::misuse(STREAM_CONTEXT, "the stream is of another context"));
    }
    Ok(stream)
}

fn finish(state: &mut State, stream: *mut c_void) -> Result<(), Refusal> {
    let queued = entered(state, stream)?;
    let tasks = std::mem::take(&mut queued.tasks);
    queued.left_ms = 0;
    tasks.into_iter().try_for_each(|task| perform(state, task))
}

fn perform(state: &mut State, task: Task) -> Result<(), Refusal> {
    let gone = || Refusal::misuse(INVALID_HANDLE, "memory went while something that was queued uses it");
    match task {
        Task::Copy {
            to,
            from,
            size_bytes,
            is_upload,
        } => {
            let device = state
                .device_memory
                .get_mut(if is_upload { &to } else { &from })
                .ok_or_else(gone)?;
            let host: *mut u8 = ptr::with_exposed_provenance_mut(if is_upload { from } else { to });
            // SAFETY: the memory is there, as nothing that is queued uses any that goes; it holds so many bytes, and its owner waits.
            let host = unsafe { slice::from_raw_parts_mut(host, size_bytes) };
            match is_upload {
                true => device[..size_bytes].copy_from_slice(host),
                false => host.copy_from_slice(&device[..size_bytes]),
            }
        }
        Task::Run {
            model, inputs, outputs, ..
        } => {
            let memory = &mut state.device_memory;
            let inputs = inputs
                .iter()
                .map(|address| memory.get(address).map(Vec::as_slice).ok_or_else(gone));
            let results = model.compute(&inputs.collect::<Result<Vec<_>, _>>()?)?;
            for (address, result) in outputs.iter().zip(results) {
                memory.get_mut(address).ok_or_else(gone)?[..result.len()].copy_from_slice(&result);
            }
        }
    }
    Ok(())
}
