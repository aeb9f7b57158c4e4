//! Models, their descriptions, and what they are given.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::slice;
use std::sync::Arc;

use crate::call::{
    INVALID_MODEL_ID, INVALID_PARAM, MODEL_CONTEXT, MODEL_INPUT_NOT_MATCH, MODEL_OUTPUT_NOT_MATCH, Refusal, status,
    value,
};
use crate::format::{Model, Port};
use crate::runtime::answered;
use crate::state::{Handle, State, known, taken};
use crate::streams::{Task, entered};

/// `aclmdlIODims`.
#[repr(C)]
pub struct Dimensions {
    name: [u8; 128],
    count: usize,
    sizes: [i64; 128],
}

/// Loads a model of [`crate::format`].
///
/// # Safety
/// The bytes are as many as is said, and the address is null or that of a `uint32_t`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aclmdlLoadFromMem(bytes: *const c_void, size_bytes: usize, id: *mut u32) -> c_int {
    status("aclmdlLoadFromMem", |state| {
        let context = state.current_context()?;
        if bytes.is_null() || size_bytes == 0 {
            return Err(Refusal::misuse(INVALID_PARAM, "a model of no bytes"));
        }
        // SAFETY: our caller knows it.
        let model = Model::parse(unsafe { slice::from_raw_parts(bytes.cast(), size_bytes) })?;
        let number = state.new_handle() as u32;
        // SAFETY: our caller knows it.
        unsafe { answered(id, number) }?;
        state.models.insert(number, (context, Arc::new(model)));
        Ok(())
    })
}

/// Unloads a model that does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn aclmdlUnload(id: u32) -> c_int {
    status("aclmdlUnload", |state| {
        loaded(state, id)?;
        state.unused(id as Handle)?;
        state.models.remove(&id);
        Ok(())
    })
}

/// Makes a description, of nothing yet.
#[unsafe(no_mangle)]
pub extern "C" fn aclmdlCreateDesc() -> *mut c_void {
    value("aclmdlCreateDesc", ptr::null_mut(), |state| {
        let handle = state.new_handle();
        state.descriptions.insert(handle, None);
        Ok(ptr::without_provenance_mut(handle))
    })
}

/// Describes a model.
#[unsafe(no_mangle)]
pub extern "C" fn aclmdlGetDesc(description: *mut c_void, id: u32) -> c_int {
    status("aclmdlGetDesc", |state| {
        let model = loaded(state, id)?;
        *known("description", &mut state.descriptions, description.addr())? = Some(model);
        Ok(())
    })
}

/// Destroys a description.
#[unsafe(no_mangle)]
pub extern "C" fn aclmdlDestroyDesc(description: *mut c_void) -> c_int {
    status("aclmdlDestroyDesc", |state| {
        taken("description", &mut state.descriptions, description.addr()).map(drop)
    })
}

macro_rules! described {
    ($ports:ident: $count:ident, $size:ident, $name:ident, $data_type:ident, $dimensions:ident) => {
        #[doc = concat!("How many ", stringify!($ports), " there are; 0 when it fails.")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $count(description: *mut c_void) -> usize {
            value(stringify!($count), 0, |state| Ok(model_of(state, description)?.$ports.len()))
        }

        #[doc = concat!("The bytes of one of the ", stringify!($ports), "; 0 when it fails.")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $size(description: *mut c_void, index: usize) -> usize {
            value(stringify!($size), 0, |state| Ok(port(&model_of(state, description)?.$ports, index)?.size_bytes))
        }

        #[doc = concat!("The name of one of the ", stringify!($ports), ", while the model is loaded; null when it fails.")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(description: *mut c_void, index: usize) -> *const c_char {
            value(stringify!($name), ptr::null(), |state| {
                Ok(port(&model_of(state, description)?.$ports, index)?.c_name.as_ptr().cast())
            })
        }

        #[doc = concat!("The type of one of the ", stringify!($ports), "; -1 when it fails.")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $data_type(description: *mut c_void, index: usize) -> c_int {
            value(stringify!($data_type), -1, |state| Ok(port(&model_of(state, description)?.$ports, index)?.data_type))
        }

        #[doc = concat!("The sizes of one of the ", stringify!($ports), ".")]
        ///
        /// # Safety
        /// The address is null or that of an `aclmdlIODims`.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $dimensions(description: *mut c_void, index: usize, told: *mut Dimensions) -> c_int {
            status(stringify!($dimensions), |state| {
                let dimensions = dimensions(port(&model_of(state, description)?.$ports, index)?);
                // SAFETY: our caller knows it.
                unsafe { answered(told, dimensions) }
            })
        }
    };
}

described!(inputs: aclmdlGetNumInputs, aclmdlGetInputSizeByIndex, aclmdlGetInputNameByIndex, aclmdlGetInputDataType, aclmdlGetInputDims);
described!(outputs: aclmdlGetNumOutputs, aclmdlGetOutputSizeByIndex, aclmdlGetOutputNameByIndex, aclmdlGetOutputDataType, aclmdlGetOutputDims);

/// Makes an empty list.
#[unsafe(no_mangle)]
pub extern "C" fn aclmdlCreateDataset() -> *mut c_void {
    value("aclmdlCreateDataset", ptr::null_mut(), |state| {
        let handle = state.new_handle();
        state.datasets.insert(handle, vec![]);
        Ok(ptr::without_provenance_mut(handle))
    })
}

/// Adds to a list.
#[unsafe(no_mangle)]
pub extern "C" fn aclmdlAddDatasetBuffer(dataset: *mut c_void, buffer: *mut c_void) -> c_int {
    status("aclmdlAddDatasetBuffer", |state| {
        known("data buffer", &mut state.data_buffers, buffer.addr())?;
        known("dataset", &mut state.datasets, dataset.addr())?.push(buffer.addr());
        Ok(())
    })
}

/// Destroys a list, and nothing that is in it.
#[unsafe(no_mangle)]
pub extern "C" fn aclmdlDestroyDataset(dataset: *mut c_void) -> c_int {
    status("aclmdlDestroyDataset", |state| {
        state.unused(dataset.addr())?;
        taken("dataset", &mut state.datasets, dataset.addr()).map(drop)
    })
}

/// Tells of memory; null when it fails.
#[unsafe(no_mangle)]
pub extern "C" fn aclCreateDataBuffer(address: *mut c_void, size_bytes: usize) -> *mut c_void {
    value("aclCreateDataBuffer", ptr::null_mut(), |state| {
        let handle = state.new_handle();
        state.data_buffers.insert(handle, (address.addr(), size_bytes));
        Ok(ptr::without_provenance_mut(handle))
    })
}

/// Tells of memory no longer; the memory stays.
#[unsafe(no_mangle)]
pub extern "C" fn aclDestroyDataBuffer(buffer: *mut c_void) -> c_int {
    status("aclDestroyDataBuffer", |state| {
        state.unused(buffer.addr())?;
        taken("data buffer", &mut state.data_buffers, buffer.addr()).map(drop)
    })
}

/// Queues a run.
#[unsafe(no_mangle)]
pub extern "C" fn aclmdlExecuteAsync(id: u32, inputs: *mut c_void, outputs: *mut c_void, stream: *mut c_void) -> c_int {
    status("aclmdlExecuteAsync", |state| {
        let model = loaded(state, id)?;
        let (input_buffers, input_memory) = fitting(state, inputs, &model.inputs, MODEL_INPUT_NOT_MATCH)?;
        let (output_buffers, output_memory) = fitting(state, outputs, &model.outputs, MODEL_OUTPUT_NOT_MATCH)?;
        let handles = [
            input_buffers,
            output_buffers,
            vec![inputs.addr(), outputs.addr(), id as Handle],
        ]
        .concat();
        let run = Task::Run {
            model,
            inputs: input_memory,
            outputs: output_memory,
            handles,
        };
        entered(state, stream)?.queue(run);
        Ok(())
    })
}

/// A dataset's buffers and their memory, which is the device's and of the ports' sizes.
fn fitting(
    state: &mut State,
    dataset: *mut c_void,
    ports: &[Port],
    code: c_int,
) -> Result<(Vec<Handle>, Vec<usize>), Refusal> {
    let buffers = known("dataset", &mut state.datasets, dataset.addr())?.clone();
    if buffers.len() != ports.len() {
        return Err(Refusal::misuse(
            code,
            format!("the model has {} and is given {}", ports.len(), buffers.len()),
        ));
    }
    let mut memory = vec![];
    for (buffer, port) in buffers.iter().zip(ports) {
        let &mut (address, size_bytes) = known("data buffer", &mut state.data_buffers, *buffer)?;
        let there = known("memory of the device", &mut state.device_memory, address)?.len();
        if size_bytes != port.size_bytes || there < size_bytes {
            return Err(Refusal::misuse(
                code,
                format!("{size_bytes} bytes are given for {}", port.size_bytes),
            ));
        }
        memory.push(address);
    }
    Ok((buffers, memory))
}

fn loaded(state: &State, id: u32) -> Result<Arc<Model>, Refusal> {
    let context = state.current_context()?;
    match state.models.get(&id) {
        None => Err(Refusal::misuse(
            INVALID_MODEL_ID,
            "there is no such model, or no longer",
        )),
        Some((of, _)) if *of != context => Err(Refusal::misuse(MODEL_CONTEXT, "the model is of another context")),
        Some((_, model)) => Ok(Arc::clone(model)),
    }
}

fn model_of(state: &mut State, description: *mut c_void) -> Result<&Model, Refusal> {
    known("description", &mut state.descriptions, description.addr())?
        .as_deref()
        .ok_or_else(|| Refusal::misuse(INVALID_PARAM, "it describes no model yet"))
}

fn port(ports: &[Port], index: usize) -> Result<&Port, Refusal> {
    ports
        .get(index)
        .ok_or_else(|| Refusal::misuse(INVALID_PARAM, format!("there is none with index {index}")))
}

fn dimensions(port: &Port) -> Dimensions {
    let mut told = Dimensions {
        name: [0; 128],
        count: port.shape.len(),
        sizes: [0; 128],
    };
    told.name[..port.c_name.len()].copy_from_slice(&port.c_name);
    told.sizes[..port.shape.len()].copy_from_slice(&port.shape);
    told
}
