//! Initialisation, devices, contexts and memory.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use crate::call::{
    INVALID_DEVICE, INVALID_PARAM, OUT_OF_MEMORY, REPEAT_FINALIZE, REPEAT_INITIALIZE, Refusal, status, value,
};
use crate::state::{DEVICE_BYTES, HostMemory, State, known, taken};

/// Initialises the library, once in a process. A configuration file is not read.
#[unsafe(no_mangle)]
pub extern "C" fn aclInit(_configuration: *const c_char) -> c_int {
    status("aclInit", |state| {
        if state.is_initialised || state.was_finalised {
            return Err(Refusal::misuse(
                REPEAT_INITIALIZE,
                "this process has initialised AscendCL before",
            ));
        }
        state.is_initialised = true;
        Ok(())
    })
}

/// Finalises the library.
#[unsafe(no_mangle)]
pub extern "C" fn aclFinalize() -> c_int {
    status("aclFinalize", |state| {
        if state.was_finalised {
            return Err(Refusal::misuse(
                REPEAT_FINALIZE,
                "this process has finalised AscendCL before",
            ));
        }
        (state.is_initialised, state.was_finalised) = (false, true);
        Ok(())
    })
}

/// The device's kind.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtGetSocName() -> *const c_char {
    value("aclrtGetSocName", ptr::null(), |_| Ok(c"Simulated".as_ptr()))
}

/// One device.
///
/// # Safety
/// The address is null or that of a `uint32_t`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aclrtGetDeviceCount(count: *mut u32) -> c_int {
    status("aclrtGetDeviceCount", |_| {
        // SAFETY: our caller knows it.
        unsafe { answered(count, 1) }
    })
}

/// Begins a use of the device. Unlike AscendCL's, it makes no context by itself.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtSetDevice(device: i32) -> c_int {
    status("aclrtSetDevice", |state| {
        there_is(device)?;
        state.device_uses += 1;
        Ok(())
    })
}

/// Ends a use of the device; with the last one, what is left on it goes.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtResetDevice(device: i32) -> c_int {
    status("aclrtResetDevice", |state| {
        there_is(device)?;
        used(state)?;
        state.device_uses -= 1;
        if state.device_uses == 0 {
            state.release_device();
        }
        Ok(())
    })
}

/// The device's memory.
///
/// # Safety
/// The addresses are null or those of a `size_t`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aclrtGetMemInfo(_kind: c_int, free: *mut usize, total: *mut usize) -> c_int {
    status("aclrtGetMemInfo", |state| {
        state.current_context()?;
        // SAFETY: our caller knows it.
        unsafe {
            answered(free, free_bytes(state))?;
            answered(total, DEVICE_BYTES)
        }
    })
}

/// Makes a context, which the thread enters.
///
/// # Safety
/// The address is null or that of an `aclrtContext`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aclrtCreateContext(context: *mut *mut c_void, device: i32) -> c_int {
    status("aclrtCreateContext", |state| {
        there_is(device)?;
        used(state)?;
        let handle = state.new_handle();
        // SAFETY: our caller knows it.
        unsafe { answered(context, ptr::without_provenance_mut(handle)) }?;
        state.contexts.insert(handle, ());
        state.set_current_context(handle);
        Ok(())
    })
}

/// Enters a context.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtSetCurrentContext(context: *mut c_void) -> c_int {
    status("aclrtSetCurrentContext", |state| {
        known("context", &mut state.contexts, context.addr())?;
        state.set_current_context(context.addr());
        Ok(())
    })
}

/// Destroys a context, with what is left in it.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtDestroyContext(context: *mut c_void) -> c_int {
    status("aclrtDestroyContext", |state| {
        known("context", &mut state.contexts, context.addr())?;
        state.remove_context(context.addr());
        Ok(())
    })
}

/// Allocates memory of the device.
///
/// # Safety
/// The address is null or that of a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aclrtMalloc(address: *mut *mut c_void, size_bytes: usize, _policy: c_int) -> c_int {
    status("aclrtMalloc", |state| {
        state.current_context()?;
        if size_bytes == 0 {
            return Err(Refusal::misuse(INVALID_PARAM, "memory of no bytes"));
        }
        if size_bytes > free_bytes(state) {
            return Err(Refusal::failure(
                OUT_OF_MEMORY,
                format!("{size_bytes} bytes are not free"),
            ));
        }
        let start = state.new_handle() << 20;
        // SAFETY: our caller knows it.
        unsafe { answered(address, ptr::without_provenance_mut(start)) }?;
        state.device_memory.insert(start, vec![0xa5; size_bytes]);
        Ok(())
    })
}

/// Frees memory of the device.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtFree(address: *mut c_void) -> c_int {
    status("aclrtFree", |state| {
        state.unused(address.addr())?;
        taken("memory of the device", &mut state.device_memory, address.addr())?;
        Ok(())
    })
}

/// Allocates memory of the host.
///
/// # Safety
/// The address is null or that of a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aclrtMallocHost(address: *mut *mut c_void, size_bytes: usize) -> c_int {
    status("aclrtMallocHost", |state| {
        state.current_context()?;
        let memory = HostMemory::allocate(size_bytes);
        let memory =
            memory.ok_or_else(|| Refusal::failure(OUT_OF_MEMORY, format!("no {size_bytes} bytes of the host")))?;
        // SAFETY: our caller knows it.
        unsafe { answered(address, ptr::with_exposed_provenance_mut(memory.address())) }?;
        state.host_memory.insert(memory.address(), memory);
        Ok(())
    })
}

/// Frees memory of the host.
#[unsafe(no_mangle)]
pub extern "C" fn aclrtFreeHost(address: *mut c_void) -> c_int {
    status("aclrtFreeHost", |state| {
        state.unused(address.addr())?;
        taken("memory of the host", &mut state.host_memory, address.addr())?;
        Ok(())
    })
}

/// Writes an answer where it is wanted.
///
/// # Safety
/// The address is null or one of this type.
pub unsafe fn answered<T>(address: *mut T, answer: T) -> Result<(), Refusal> {
    if address.is_null() {
        return Err(Refusal::misuse(INVALID_PARAM, "an address is null"));
    }
    // SAFETY: our caller knows it.
    unsafe { address.write(answer) };
    Ok(())
}

fn free_bytes(state: &State) -> usize {
    DEVICE_BYTES - state.device_memory.values().map(Vec::len).sum::<usize>()
}

fn there_is(device: i32) -> Result<(), Refusal> {
    match device {
        0 => Ok(()),
        _ => Err(Refusal::failure(INVALID_DEVICE, format!("there is no device {device}"))),
    }
}

fn used(state: &State) -> Result<(), Refusal> {
    match state.device_uses {
        0 => Err(Refusal::misuse(INVALID_DEVICE, "the device was not set")),
        _ => Ok(()),
    }
}
