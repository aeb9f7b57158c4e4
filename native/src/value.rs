//! Tensors of ONNX Runtime.

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use ort::AsPointer;
use ort::memory::MemoryInfo;
use ort::sys::{OrtStatusPtr, OrtValue};

use crate::element::{ElementType, element_count};
use crate::fault::{Fault, FaultCode};
use crate::strings::{read_strings, write_strings};

/// A tensor of ONNX Runtime; released when dropped.
pub struct Value(NonNull<OrtValue>);

// SAFETY: a value is used by one thread at a time, and ONNX Runtime's have no thread of their own.
unsafe impl Send for Value {}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: it is ours, and this is its end.
        unsafe { (ort::api().ReleaseValue)(self.0.as_ptr()) }
    }
}

impl Value {
    /// A tensor over memory of the processor that the caller keeps for as long as this lives, and does not write to.
    ///
    /// Fails with INVALID_ARGUMENT when the bytes are not those of the shape.
    pub fn over(bytes: &[u8], element: ElementType, shape: &[i64], memory: &MemoryInfo) -> Result<Self, Fault> {
        // ONNX Runtime takes inputs as mutable, and does not write to them.
        Self::around(bytes.as_ptr().cast_mut(), bytes.len(), element, shape, memory)
    }

    /// A tensor that a run writes into memory of the processor, which the caller keeps for as long as this lives, and does not read before
    /// the run has ended.
    ///
    /// Fails with INVALID_ARGUMENT when the bytes are not those of the shape, or begin where an element must not.
    pub fn writing_to(
        bytes: &mut [u8],
        element: ElementType,
        shape: &[i64],
        memory: &MemoryInfo,
    ) -> Result<Self, Fault> {
        let size = element.size_bytes();
        if size == 0 {
            return Err(Fault::invalid("strings have no place"));
        }
        if !bytes.is_empty() && !bytes.as_ptr().addr().is_multiple_of(size) {
            return Err(Fault::invalid(format!(
                "the place does not begin at a multiple of {size} bytes"
            )));
        }
        Self::around(bytes.as_mut_ptr(), bytes.len(), element, shape, memory)
    }

    fn around(
        start: *mut u8,
        length: usize,
        element: ElementType,
        shape: &[i64],
        memory: &MemoryInfo,
    ) -> Result<Self, Fault> {
        if element.tensor_bytes(shape) != Some(length) {
            return Err(Fault::invalid(format!(
                "{length} bytes are not a tensor of shape {shape:?} with elements of {} bytes",
                element.size_bytes()
            )));
        }
        let mut value = ptr::null_mut();
        let start = if length == 0 {
            ptr::without_provenance_mut(64)
        } else {
            start.cast::<c_void>()
        };
        // SAFETY: the bytes live as long as the value does, by the caller's word, and are as many as the shape needs.
        run_failed(unsafe {
            (ort::api().CreateTensorWithDataAsOrtValue)(
                memory.ptr(),
                start,
                length,
                shape.as_ptr(),
                shape.len(),
                element.to_ort(),
                &mut value,
            )
        })?;
        Self::from_raw(value)
    }

    /// A tensor of strings; the bytes are copied.
    pub fn of_strings(bytes: &[u8], shape: &[i64]) -> Result<Self, Fault> {
        let count = element_count(shape).ok_or_else(|| Fault::invalid(format!("{shape:?} is no shape")))?;
        let strings = read_strings(bytes, count)?;
        let (mut allocator, mut value) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the default allocator is ONNX Runtime's, and the shape has so many dimensions.
        run_failed(unsafe { (ort::api().GetAllocatorWithDefaultOptions)(&mut allocator) })?;
        let element = ElementType::STRING.to_ort();
        // SAFETY: as above.
        run_failed(unsafe {
            (ort::api().CreateTensorAsOrtValue)(allocator, shape.as_ptr(), shape.len(), element, &mut value)
        })?;
        let value = Self::from_raw(value)?;
        for (index, string) in strings.iter().enumerate() {
            let mut room = ptr::null_mut();
            // SAFETY: there are so many strings, and the room that is answered has as many bytes as this one.
            unsafe {
                run_failed((ort::api().GetResizedStringTensorElementBuffer)(
                    value.0.as_ptr(),
                    index,
                    string.len(),
                    &mut room,
                ))?;
                ptr::copy_nonoverlapping(string.as_ptr(), room.cast(), string.len());
            }
        }
        Ok(value)
    }

    /// What ONNX Runtime has made. Fails with MODEL_RUN_FAILED for nothing.
    pub fn from_raw(value: *mut OrtValue) -> Result<Self, Fault> {
        NonNull::new(value)
            .map(Self)
            .ok_or_else(|| Fault::new(FaultCode::ModelRunFailed, "ONNX Runtime gave no value"))
    }

    /// For calls of ONNX Runtime.
    pub fn as_ptr(&self) -> *const OrtValue {
        self.0.as_ptr()
    }

    /// Its type and shape. Fails with UNSUPPORTED for what is no tensor, and for types that cannot cross.
    pub fn describe(&self) -> Result<(ElementType, Vec<i64>), Fault> {
        let mut is_tensor = 0;
        // SAFETY: the value is alive.
        run_failed(unsafe { (ort::api().IsTensor)(self.as_ptr(), &mut is_tensor) })?;
        if is_tensor == 0 {
            return Err(Fault::new(FaultCode::Unsupported, "it is no tensor"));
        }
        let mut info = ptr::null_mut();
        // SAFETY: the value is a tensor.
        run_failed(unsafe { (ort::api().GetTensorTypeAndShape)(self.as_ptr(), &mut info) })?;
        let (mut number, mut rank) = (0_i32, 0);
        let mut shape = Vec::new();
        // SAFETY: the information is alive until it is released here; a type is a 32-bit number, which may be one that the enumeration
        // of this build does not know.
        let status = unsafe {
            run_failed((ort::api().GetTensorElementType)(info, (&raw mut number).cast()))
                .and_then(|()| run_failed((ort::api().GetDimensionsCount)(info, &mut rank)))
                .and_then(|()| {
                    shape.resize(rank, 0);
                    run_failed((ort::api().GetDimensions)(info, shape.as_mut_ptr(), rank))
                })
        };
        // SAFETY: it is ours, and nobody has it any more.
        unsafe { (ort::api().ReleaseTensorTypeAndShapeInfo)(info) };
        status?;
        Ok((ElementType::from_number(number)?, shape))
    }

    /// The elements of a tensor of numbers that lies in the processor's memory; valid as long as the value is.
    pub fn bytes(&self, element: ElementType, shape: &[i64]) -> Result<&[u8], Fault> {
        let length = element
            .tensor_bytes(shape)
            .ok_or_else(|| Fault::new(FaultCode::ModelRunFailed, format!("{shape:?} is no shape")))?;
        let mut start = ptr::null_mut();
        // SAFETY: the value is a tensor; it is not written to.
        run_failed(unsafe { (ort::api().GetTensorMutableData)(self.0.as_ptr(), &mut start) })?;
        if length == 0 || start.is_null() {
            return Ok(&[]);
        }
        // SAFETY: the tensor has so many elements of so many bytes.
        Ok(unsafe { std::slice::from_raw_parts(start.cast(), length) })
    }

    /// The strings of a tensor of them.
    pub fn strings(&self, shape: &[i64]) -> Result<Vec<u8>, Fault> {
        let count = element_count(shape).unwrap_or(0);
        let mut length = 0;
        // SAFETY: the value is a tensor of strings.
        run_failed(unsafe { (ort::api().GetStringTensorDataLength)(self.as_ptr(), &mut length) })?;
        let mut content = vec![0; length];
        let mut offsets = vec![0; count];
        // SAFETY: both have the room that is said.
        run_failed(unsafe {
            (ort::api().GetStringTensorContent)(
                self.as_ptr(),
                content.as_mut_ptr().cast(),
                length,
                offsets.as_mut_ptr(),
                count,
            )
        })?;
        write_strings(&content, &offsets)
    }
}

/// ONNX Runtime's answer to a call that belongs to a run.
pub fn run_failed(status: OrtStatusPtr) -> Result<(), Fault> {
    // SAFETY: the status comes from ONNX Runtime, and is read once.
    unsafe { ort::Error::result_from_status(status) }
        .map_err(|error| Fault::from_ort(FaultCode::ModelRunFailed, &error))
}
