//! Operators of your own for ONNX Runtime.
//!
//! An operator is declared once, as an [`Operator`]: its name, the types of its inputs and outputs, the shapes of these, and its body.
//! [`export_operators`] makes a library of them, with the entry point that ONNX Runtime calls, `RegisterCustomOps`. docs/guides/operators.md says
//! how such a library comes into a gateway.
//!
//! ```
//! use std::ffi::CStr;
//!
//! use slipway_operators::{Attributes, Element, ElementType, Operator, Tensor, TensorMut};
//!
//! pub struct Twice;
//!
//! impl Operator for Twice {
//!     const NAME: &'static CStr = c"Twice";
//!     const INPUTS: &'static [ElementType] = &[f32::TYPE];
//!     const OUTPUTS: &'static [ElementType] = &[f32::TYPE];
//!
//!     fn new(_: &Attributes) -> Result<Self, String> {
//!         Ok(Self)
//!     }
//!
//!     fn shapes(inputs: &[&[i64]]) -> Result<Vec<Vec<i64>>, String> {
//!         Ok(vec![inputs[0].to_vec()])
//!     }
//!
//!     fn compute(&self, inputs: &[Tensor], outputs: &mut [TensorMut]) -> Result<(), String> {
//!         let given = inputs[0].elements::<f32>();
//!         for (output, input) in outputs[0].elements::<f32>().iter_mut().zip(given) {
//!             *output = 2.0 * input;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! slipway_operators::export_operators!(c"my.domain", [Twice]);
//! # fn main() {}
//! ```

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
