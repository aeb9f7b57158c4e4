//! Operators of your own for ONNX Runtime.
//!
//! An operator is declared once, as an [`Operator`]: its name, the types of its inputs and outputs, the shapes of these, and its body.
//! [`export_operators`] makes a library of them, with the entry point that ONNX Runtime calls, `RegisterCustomOps`. The README says how
//! such a library comes into a gateway.

mod attributes;
pub mod cuda;
mod element;
mod entry_point;
mod kernel;
mod operator;
mod registration;
mod shape_inference;
mod shapes;
mod status;
mod tensor;

pub use attributes::Attributes;
pub use element::{Element, ElementType};
pub use entry_point::OperatorLibrary;
pub use operator::Operator;
pub use ort_sys as sys;
pub use registration::RegisteredOperator;
pub use shapes::{FREE, common_shape};
pub use tensor::{Tensor, TensorMut};
