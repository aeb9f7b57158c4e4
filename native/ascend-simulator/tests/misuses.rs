//! That the simulator catches what the documentation forbids: one call that is wrong, told by its code and kept as misuse.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{self, null, null_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ascendcl::call::*;
use ascendcl::control::*;
use ascendcl::models::*;
use ascendcl::runtime::*;
use ascendcl::streams::*;

static ALONE: Mutex<()> = Mutex::new(());

const MODEL: &str = "slipway simulated model 1\ninput x FLOAT 4\noutput y FLOAT 4\n";

/// The library with all that a run takes, held alone.
struct Ready {
    context: *mut c_void,
    stream: *mut c_void,
    model: u32,
    device: *mut c_void,
    host: *mut c_void,
    buffer: *mut c_void,
    dataset: *mut c_void,
    _alone: MutexGuard<'static, ()>,
}

fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    simulator_reset();
    alone
}

fn created(make: impl FnOnce(*mut *mut c_void) -> c_int) -> *mut c_void {
    let mut made = null_mut();
    assert_eq!(make(&mut made), 0);
    made
}

fn loaded() -> u32 {
    let mut model = 0;
    // SAFETY: the bytes are as many, and the number is written to a variable of its type.
    let status = unsafe { aclmdlLoadFromMem(MODEL.as_ptr().cast(), MODEL.len(), &mut model) };
    assert_eq!(status, 0);
    model
}

impl Ready {
    fn new() -> Self {
        let alone = alone();
        assert_eq!(aclInit(null()), 0);
        assert_eq!(aclrtSetDevice(0), 0);
        // SAFETY: each is given the address of a pointer.
        let context = created(|made| unsafe { aclrtCreateContext(made, 0) });
        // SAFETY: as above.
        let stream = created(|made| unsafe { aclrtCreateStream(made) });
        // SAFETY: as above.
        let device = created(|made| unsafe { aclrtMalloc(made, 16, 0) });
        // SAFETY: as above.
        let host = created(|made| unsafe { aclrtMallocHost(made, 16) });
        let buffer = aclCreateDataBuffer(device, 16);
        let dataset = aclmdlCreateDataset();
        assert_eq!(aclmdlAddDatasetBuffer(dataset, buffer), 0);
        Self {
            context,
            stream,
            model: loaded(),
            device,
            host,
            buffer,
            dataset,
            _alone: alone,
        }
    }

    fn queue(&self) {
        assert_eq!(
            aclmdlExecuteAsync(self.model, self.dataset, self.dataset, self.stream),
            0
        );
    }

    fn upload(&self, size_bytes: usize) -> c_int {
        aclrtMemcpyAsync(self.device, size_bytes, self.host, size_bytes, 1, self.stream)
    }

    /// Enters another context.
    fn leave(&self) -> *mut c_void {
        // SAFETY: it is given the address of a pointer.
        created(|made| unsafe { aclrtCreateContext(made, 0) })
    }
}

fn misuses() -> String {
    text(simulator_misuses())
}

fn left() -> String {
    text(simulator_outstanding())
}

fn text(told: *const c_char) -> String {
    // SAFETY: the simulator tells a string.
    unsafe { CStr::from_ptr(told) }.to_str().unwrap().to_owned()
}

/// A call was answered so, and was kept as misuse of this function.
fn caught(answer: c_int, code: c_int, function: &str) {
    assert_eq!(answer, code, "{function}");
    let kept = misuses();
    assert!(
        kept.lines()
            .last()
            .is_some_and(|line| line.starts_with(&format!("{function}: "))),
        "{function}: {kept}"
    );
}

#[test]
fn nothing_goes_before_initialisation_nor_after_it_ended() {
    let _alone = alone();
    let early = || {
        caught(aclrtSetDevice(0), UNINITIALIZE, "aclrtSetDevice");
        caught(
            aclrtSynchronizeStream(null_mut()),
            UNINITIALIZE,
            "aclrtSynchronizeStream",
        );
        assert!(aclmdlCreateDataset().is_null() && aclmdlCreateDesc().is_null() && aclrtGetSocName().is_null());
        assert!(aclCreateDataBuffer(null_mut(), 1).is_null());
    };
    early();
    assert_eq!(aclInit(null()), 0);
    caught(aclInit(null()), REPEAT_INITIALIZE, "aclInit");
    assert_eq!(aclFinalize(), 0);
    early();
    caught(aclInit(null()), REPEAT_INITIALIZE, "aclInit");
}

#[test]
fn a_context_is_needed_and_a_device_for_it() {
    let _alone = alone();
    assert_eq!(aclInit(null()), 0);
    let mut made = null_mut();
    // SAFETY: it is given the address of a pointer.
    let mut context = || unsafe { aclrtCreateContext(&mut made, 0) };
    caught(context(), INVALID_DEVICE, "aclrtCreateContext");
    caught(aclrtResetDevice(0), INVALID_DEVICE, "aclrtResetDevice");
    assert_eq!(aclrtSetDevice(0), 0);
    // SAFETY: as above.
    caught(unsafe { aclrtMalloc(&mut made, 1, 0) }, CONTEXT_NULL, "aclrtMalloc");
    // SAFETY: as above.
    caught(
        unsafe { aclrtMallocHost(&mut made, 1) },
        CONTEXT_NULL,
        "aclrtMallocHost",
    );
    // SAFETY: as above.
    caught(
        unsafe { aclrtCreateStream(&mut made) },
        CONTEXT_NULL,
        "aclrtCreateStream",
    );
    caught(aclmdlUnload(1), CONTEXT_NULL, "aclmdlUnload");
}

#[test]
fn another_thread_enters_a_context_before_it_uses_it() {
    let ready = Ready::new();
    let (context, stream) = (ready.context.addr(), ready.stream.addr());
    let other = std::thread::spawn(move || {
        let stream = ptr::without_provenance_mut(stream);
        let before = aclrtSynchronizeStream(stream);
        assert_eq!(aclrtSetCurrentContext(ptr::without_provenance_mut(context)), 0);
        (before, aclrtSynchronizeStream(stream))
    });
    assert_eq!(other.join().unwrap(), (CONTEXT_NULL, 0));
}

#[test]
fn things_of_a_context_are_not_used_in_another() {
    let ready = Ready::new();
    let other = ready.leave();
    caught(
        aclrtSynchronizeStream(ready.stream),
        STREAM_CONTEXT,
        "aclrtSynchronizeStream",
    );
    caught(ready.upload(16), STREAM_CONTEXT, "aclrtMemcpyAsync");
    caught(aclrtDestroyStream(ready.stream), STREAM_CONTEXT, "aclrtDestroyStream");
    caught(aclmdlUnload(ready.model), MODEL_CONTEXT, "aclmdlUnload");
    let run = aclmdlExecuteAsync(ready.model, ready.dataset, ready.dataset, ready.stream);
    caught(run, MODEL_CONTEXT, "aclmdlExecuteAsync");
    assert_eq!(aclrtDestroyContext(other), 0);
    caught(
        aclrtSynchronizeStream(ready.stream),
        CONTEXT_NULL,
        "aclrtSynchronizeStream",
    );
}

#[test]
fn what_is_gone_is_not_used_nor_released_again() {
    let ready = Ready::new();
    let Ready {
        context,
        stream,
        model,
        device,
        host,
        buffer,
        dataset,
        ..
    } = ready;
    let description = aclmdlCreateDesc();
    let releases: [(&str, &dyn Fn() -> c_int, c_int); 8] = [
        ("aclmdlDestroyDesc", &|| aclmdlDestroyDesc(description), INVALID_HANDLE),
        (
            "aclmdlDestroyDataset",
            &|| aclmdlDestroyDataset(dataset),
            INVALID_HANDLE,
        ),
        ("aclDestroyDataBuffer", &|| aclDestroyDataBuffer(buffer), INVALID_HANDLE),
        ("aclrtFree", &|| aclrtFree(device), INVALID_HANDLE),
        ("aclrtFreeHost", &|| aclrtFreeHost(host), INVALID_HANDLE),
        ("aclmdlUnload", &|| aclmdlUnload(model), INVALID_MODEL_ID),
        ("aclrtDestroyStream", &|| aclrtDestroyStream(stream), INVALID_HANDLE),
        ("aclrtDestroyContext", &|| aclrtDestroyContext(context), INVALID_HANDLE),
    ];
    for (function, release, code) in releases {
        assert_eq!(release(), 0, "{function}");
        caught(release(), code, function);
    }
    caught(
        aclrtSetCurrentContext(context),
        INVALID_HANDLE,
        "aclrtSetCurrentContext",
    );
}

#[test]
fn a_run_takes_what_is_there_and_fits() {
    let ready = Ready::new();
    let run = |inputs, outputs| aclmdlExecuteAsync(ready.model, inputs, outputs, ready.stream);
    let with = |buffer| {
        let dataset = aclmdlCreateDataset();
        assert_eq!(aclmdlAddDatasetBuffer(dataset, buffer), 0);
        dataset
    };
    caught(
        run(aclmdlCreateDataset(), ready.dataset),
        MODEL_INPUT_NOT_MATCH,
        "aclmdlExecuteAsync",
    );
    caught(
        run(ready.dataset, aclmdlCreateDataset()),
        MODEL_OUTPUT_NOT_MATCH,
        "aclmdlExecuteAsync",
    );
    let small = with(aclCreateDataBuffer(ready.device, 8));
    caught(run(small, ready.dataset), MODEL_INPUT_NOT_MATCH, "aclmdlExecuteAsync");
    let on_host = with(aclCreateDataBuffer(ready.host, 16));
    caught(run(on_host, ready.dataset), INVALID_HANDLE, "aclmdlExecuteAsync");
    caught(run(null_mut(), ready.dataset), INVALID_HANDLE, "aclmdlExecuteAsync");
    let unloaded = aclmdlExecuteAsync(7, ready.dataset, ready.dataset, ready.stream);
    caught(unloaded, INVALID_MODEL_ID, "aclmdlExecuteAsync");
    assert_eq!(aclDestroyDataBuffer(ready.buffer), 0);
    caught(run(ready.dataset, ready.dataset), INVALID_HANDLE, "aclmdlExecuteAsync");
    caught(
        aclmdlAddDatasetBuffer(ready.dataset, ready.buffer),
        INVALID_HANDLE,
        "aclmdlAddDatasetBuffer",
    );
}

#[test]
fn what_is_queued_keeps_what_it_uses() {
    let ready = Ready::new();
    assert_eq!(ready.upload(16), 0);
    ready.queue();
    caught(aclrtFree(ready.device), NOT_COMPLETE, "aclrtFree");
    caught(aclrtFreeHost(ready.host), NOT_COMPLETE, "aclrtFreeHost");
    caught(aclmdlUnload(ready.model), NOT_COMPLETE, "aclmdlUnload");
    caught(aclDestroyDataBuffer(ready.buffer), NOT_COMPLETE, "aclDestroyDataBuffer");
    caught(
        aclmdlDestroyDataset(ready.dataset),
        NOT_COMPLETE,
        "aclmdlDestroyDataset",
    );
    caught(aclrtDestroyStream(ready.stream), NOT_COMPLETE, "aclrtDestroyStream");
    assert_eq!(aclrtSynchronizeStream(ready.stream), 0);
    assert_eq!(aclrtFree(ready.device), 0);
}

#[test]
fn copies_go_between_host_and_device_and_fit() {
    let ready = Ready::new();
    let copy = |to: *mut c_void, from: *mut c_void, kind| aclrtMemcpyAsync(to, 16, from, 16, kind, ready.stream);
    caught(ready.upload(17), INVALID_PARAM, "aclrtMemcpyAsync");
    caught(ready.upload(0), INVALID_PARAM, "aclrtMemcpyAsync");
    caught(copy(ready.host, ready.device, 1), INVALID_HANDLE, "aclrtMemcpyAsync");
    caught(copy(ready.device, ready.host, 2), INVALID_HANDLE, "aclrtMemcpyAsync");
    caught(copy(ready.host, ready.host, 0), NOT_SUPPORTED, "aclrtMemcpyAsync");
    caught(
        copy(ready.device.wrapping_byte_add(4), ready.host, 1),
        UNALIGNED,
        "aclrtMemcpyAsync",
    );
}

#[test]
fn arguments_are_checked() {
    let ready = Ready::new();
    for timeout_ms in [0, -2] {
        let waited = aclrtSynchronizeStreamWithTimeout(ready.stream, timeout_ms);
        caught(waited, INVALID_PARAM, "aclrtSynchronizeStreamWithTimeout");
    }
    let mut made = null_mut();
    // SAFETY: it is given the address of a pointer, or null.
    caught(unsafe { aclrtMalloc(&mut made, 0, 0) }, INVALID_PARAM, "aclrtMalloc");
    // SAFETY: as above.
    caught(unsafe { aclrtMalloc(null_mut(), 1, 0) }, INVALID_PARAM, "aclrtMalloc");
    // SAFETY: no bytes are read.
    caught(
        unsafe { aclmdlLoadFromMem(null(), 0, null_mut()) },
        INVALID_PARAM,
        "aclmdlLoadFromMem",
    );
}

#[test]
fn a_description_is_filled_before_it_is_read() {
    let ready = Ready::new();
    let description = aclmdlCreateDesc();
    assert_eq!(aclmdlGetNumInputs(description), 0);
    assert!(aclmdlGetInputNameByIndex(description, 0).is_null());
    assert_eq!(aclmdlGetOutputDataType(description, 0), -1);
    assert_eq!(misuses().lines().count(), 3);
    assert_eq!(aclmdlGetDesc(description, ready.model), 0);
    assert_eq!(aclmdlGetNumInputs(description), 1);
    assert_eq!(aclmdlGetOutputSizeByIndex(description, 0), 16);
    assert_eq!(aclmdlGetOutputSizeByIndex(description, 1), 0);
    assert_eq!(misuses().lines().count(), 4);
}

#[test]
fn what_nobody_released_is_told() {
    let ready = Ready::new();
    let all =
        r#"{"initialisations":1,"device_uses":1,"contexts":1,"streams":1,"models":1,"datasets":1,"data_buffers":1,"#;
    assert_eq!(left(), format!(r#"{all}"device_memory":1,"host_memory":1}}"#));
    assert_eq!(aclrtResetDevice(0), 0);
    let gone = r#""reclaimed_contexts":1,"reclaimed_device_memory":1,"reclaimed_models":1,"reclaimed_streams":1}"#;
    assert_eq!(
        left(),
        format!(r#"{{"initialisations":1,"datasets":1,"data_buffers":1,"host_memory":1,{gone}"#)
    );
    drop(ready);
}
