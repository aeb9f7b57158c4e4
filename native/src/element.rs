//! Types of tensor elements, by their numbers in ONNX (`TensorProto.DataType`), which ONNX Runtime has, too.

use ort::sys::ONNXTensorElementDataType as OrtElement;

use crate::fault::{Fault, FaultCode};

/// A type of elements that can cross.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementType(i32);

impl ElementType {
    /// Strings: a tensor of them is bytes as [`crate::strings`] lays them out.
    pub const STRING: Self = Self(8);

    /// The type with this number in ONNX. Fails with UNSUPPORTED for one that cannot cross.
    pub fn from_number(number: i32) -> Result<Self, Fault> {
        match size_of_number(number) {
            Some(_) => Ok(Self(number)),
            None => Err(Fault::new(
                FaultCode::Unsupported,
                format!("tensors of ONNX element type {number} cannot be carried"),
            )),
        }
    }

    /// Its number in ONNX.
    pub fn number(self) -> i32 {
        self.0
    }

    /// Bytes of one element; 0 for strings, which have no one size.
    pub fn size_bytes(self) -> usize {
        size_of_number(self.0).unwrap_or(0)
    }

    /// Bytes of a tensor of this shape, unless it has no such size or dimensions that are none.
    pub fn tensor_bytes(self, shape: &[i64]) -> Option<usize> {
        element_count(shape)?.checked_mul(self.size_bytes())
    }

    /// As ONNX Runtime has it.
    pub fn to_ort(self) -> OrtElement {
        match self.0 {
            1 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
            2 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8,
            3 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8,
            4 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16,
            5 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16,
            6 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
            7 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
            8 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING,
            9 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL,
            10 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16,
            11 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE,
            12 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32,
            13 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64,
            16 => OrtElement::ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16,
            number => unreachable!("no element type {number} is ever made"),
        }
    }
}

/// Elements of a tensor of this shape, unless a dimension is negative or the product has no room in a `usize`.
pub fn element_count(shape: &[i64]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1usize, |count, &size| count.checked_mul(usize::try_from(size).ok()?))
}

fn size_of_number(number: i32) -> Option<usize> {
    match number {
        2 | 3 | 9 => Some(1),
        4 | 5 | 10 | 16 => Some(2),
        1 | 6 | 12 => Some(4),
        7 | 11 | 13 => Some(8),
        8 => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_can_cross_is_itself_in_onnx_runtime() {
        for number in -1..40 {
            if let Ok(element) = ElementType::from_number(number) {
                assert_eq!(element.to_ort() as i32, number);
            }
        }
    }

    #[test]
    fn complex_and_quantised_types_are_refused() {
        for number in [0, 14, 15, 17, 21, 40] {
            let fault = ElementType::from_number(number).unwrap_err();
            assert_eq!(fault.code, FaultCode::Unsupported);
        }
    }

    #[test]
    fn sizes_that_do_not_exist_are_none() {
        let float = ElementType::from_number(1).unwrap();
        assert_eq!(float.tensor_bytes(&[2, 3]), Some(24));
        assert_eq!(float.tensor_bytes(&[]), Some(4));
        assert_eq!(float.tensor_bytes(&[0, 1 << 40]), Some(0));
        assert_eq!(float.tensor_bytes(&[-1]), None);
        assert_eq!(float.tensor_bytes(&[1 << 40, 1 << 40]), None);
        assert_eq!(float.tensor_bytes(&[i64::MAX]), None);
    }
}
