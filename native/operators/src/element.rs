//! Types of the elements of tensors.

use ort_sys::ONNXTensorElementDataType as OrtElement;

/// A type of elements that operators compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// FP32.
    F32,
    /// FP64.
    F64,
    /// INT32.
    I32,
    /// INT64.
    I64,
}

impl ElementType {
    pub(crate) fn to_ort(self) -> OrtElement {
        match self {
            Self::F32 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
            Self::F64 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE,
            Self::I32 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
            Self::I64 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
        }
    }
}

/// A type of Rust's that the elements of a tensor have.
///
/// # Safety
///
/// Values of the type are laid out as ONNX Runtime lays out elements of [`Self::TYPE`], and any bytes are one.
pub unsafe trait Element: Copy + Send + Sync + 'static {
    /// What ONNX calls it.
    const TYPE: ElementType;
}

macro_rules! elements {
    ($($rust:ty => $element:ident),*) => {
        $(
            // SAFETY: it is that number, and all of its bit patterns are values.
            unsafe impl Element for $rust {
                const TYPE: ElementType = ElementType::$element;
            }
        )*
    };
}

elements!(f32 => F32, f64 => F64, i32 => I32, i64 => I64);
