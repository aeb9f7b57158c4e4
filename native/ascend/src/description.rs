//! What a model takes and gives.

use std::ffi::{c_char, c_int};
use std::mem::MaybeUninit;
use std::sync::Arc;

use crate::fault::Fault;
use crate::interface::{DescriptionHandle, Dimensions, MAX_DIMENSIONS, Status};
use crate::library::{Library, call, text_at};

/// An input or an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// A number of ONNX's `TensorProto.DataType`; `None` for types that ONNX does not have.
    pub element_type: Option<i32>,
    /// Its sizes; none is free.
    pub shape: Vec<i64>,
    /// What the device reads or writes.
    pub size_bytes: usize,
}

/// A model's description, for as long as this lives.
pub struct Description {
    library: Arc<Library>,
    handle: DescriptionHandle,
}

impl Description {
    /// Describes a model that is loaded.
    pub fn of(library: &Arc<Library>, model_id: u32) -> Result<Self, Fault> {
        // SAFETY: it takes nothing.
        let handle = unsafe { (library.interface.aclmdlCreateDesc)() };
        if handle.is_null() {
            return Err(library.failed("aclmdlCreateDesc", None));
        }
        let description = Self {
            library: Arc::clone(library),
            handle,
        };
        // SAFETY: the description lives; any number may be given for a model's.
        unsafe { call!(library.aclmdlGetDesc(handle, model_id)) }?;
        Ok(description)
    }

    /// What the model takes.
    pub fn inputs(&self) -> Result<Vec<Port>, Fault> {
        let interface = &self.library.interface;
        self.ports(&PortFunctions {
            count: ("aclmdlGetNumInputs", interface.aclmdlGetNumInputs),
            name: ("aclmdlGetInputNameByIndex", interface.aclmdlGetInputNameByIndex),
            size: ("aclmdlGetInputSizeByIndex", interface.aclmdlGetInputSizeByIndex),
            data_type: ("aclmdlGetInputDataType", interface.aclmdlGetInputDataType),
            dimensions: ("aclmdlGetInputDims", interface.aclmdlGetInputDims),
        })
    }

    /// What the model gives.
    pub fn outputs(&self) -> Result<Vec<Port>, Fault> {
        let interface = &self.library.interface;
        self.ports(&PortFunctions {
            count: ("aclmdlGetNumOutputs", interface.aclmdlGetNumOutputs),
            name: ("aclmdlGetOutputNameByIndex", interface.aclmdlGetOutputNameByIndex),
            size: ("aclmdlGetOutputSizeByIndex", interface.aclmdlGetOutputSizeByIndex),
            data_type: ("aclmdlGetOutputDataType", interface.aclmdlGetOutputDataType),
            dimensions: ("aclmdlGetOutputDims", interface.aclmdlGetOutputDims),
        })
    }

    fn ports(&self, functions: &PortFunctions) -> Result<Vec<Port>, Fault> {
        let (function, count) = functions.count;
        // SAFETY: the description lives, and describes a model.
        let count = unsafe { count(self.handle) };
        if count == 0 {
            return Err(self.library.failed(function, None));
        }
        (0..count).map(|index| self.port(functions, index)).collect()
    }

    fn port(&self, functions: &PortFunctions, index: usize) -> Result<Port, Fault> {
        let failed = |function| self.library.failed(function, None);
        // SAFETY: the description lives, and has this index; the name is there as long as it is.
        let name = unsafe { text_at((functions.name.1)(self.handle, index)) };
        let name = name.ok_or_else(|| failed(functions.name.0))?;
        // SAFETY: as above.
        let size_bytes = unsafe { (functions.size.1)(self.handle, index) };
        if size_bytes == 0 {
            return Err(failed(functions.size.0));
        }
        // SAFETY: as above.
        let data_type = unsafe { (functions.data_type.1)(self.handle, index) };
        if data_type == UNDEFINED_TYPE {
            return Err(failed(functions.data_type.0));
        }
        let shape = self.shape(functions, index)?;
        if shape.iter().any(|&size| size < 0) {
            let text = format!("{name} has free sizes, {shape:?}: models are run that were converted for one shape");
            return Err(Fault::Unsupported(text));
        }
        Ok(Port {
            name,
            element_type: onnx_number(data_type),
            shape,
            size_bytes,
        })
    }

    fn shape(&self, functions: &PortFunctions, index: usize) -> Result<Vec<i64>, Fault> {
        let (function, dimensions) = functions.dimensions;
        let mut told = MaybeUninit::<Dimensions>::zeroed();
        // SAFETY: the description lives, and has this index; there is room for what is told.
        let status = unsafe { dimensions(self.handle, index, told.as_mut_ptr()) };
        self.library.checked(function, status)?;
        // SAFETY: zeros are dimensions, and so is what was told.
        let told = unsafe { told.assume_init() };
        Ok(told.sizes[..told.count.min(MAX_DIMENSIONS)].to_vec())
    }
}

impl Drop for Description {
    fn drop(&mut self) {
        let library = &self.library;
        // SAFETY: it is destroyed once, and nothing of it is held.
        library.released(unsafe { call!(library.aclmdlDestroyDesc(self.handle)) });
    }
}

type Named<F> = (&'static str, F);

/// AscendCL's functions for inputs, or those for outputs.
struct PortFunctions {
    count: Named<unsafe extern "C" fn(DescriptionHandle) -> usize>,
    name: Named<unsafe extern "C" fn(DescriptionHandle, usize) -> *const c_char>,
    size: Named<unsafe extern "C" fn(DescriptionHandle, usize) -> usize>,
    data_type: Named<unsafe extern "C" fn(DescriptionHandle, usize) -> c_int>,
    dimensions: Named<unsafe extern "C" fn(DescriptionHandle, usize, *mut Dimensions) -> Status>,
}

/// `ACL_DT_UNDEFINED`.
const UNDEFINED_TYPE: c_int = -1;

/// ONNX's number of an `aclDataType`.
fn onnx_number(data_type: c_int) -> Option<i32> {
    match data_type {
        0 => Some(1),   // float
        1 => Some(10),  // float16
        2 => Some(3),   // int8
        3 => Some(6),   // int32
        4 => Some(2),   // uint8
        6 => Some(5),   // int16
        7 => Some(4),   // uint16
        8 => Some(12),  // uint32
        9 => Some(7),   // int64
        10 => Some(13), // uint64
        11 => Some(11), // double
        12 => Some(9),  // bool
        27 => Some(16), // bfloat16
        _ => None,
    }
}
