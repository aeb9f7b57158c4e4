//! The declaration of an operator.

use std::ffi::CStr;

use crate::attributes::Attributes;
use crate::cuda::CudaBody;
use crate::element::ElementType;
use crate::tensor::{Tensor, TensorMut};

/// An operator, declared once; a value of it is what one node of a model computes with.
///
/// Failures are texts for people: they become those of loading the model, or of the run.
pub trait Operator: Sized + Send + Sync + 'static {
    /// Its name in models, within the domain of its library. Operators of one name and other types are one operator of several types.
    const NAME: &'static CStr;
    /// The types of its inputs, all of which a node must have.
    const INPUTS: &'static [ElementType];
    /// The types of its outputs.
    const OUTPUTS: &'static [ElementType];
    /// Its body for CUDA. Without one it is computed on the processor there, too, and ONNX Runtime copies its tensors there and back.
    const CUDA: Option<CudaBody<Self>> = None;

    /// Makes what a node computes with, from the node's attributes. Fails when they cannot be used.
    fn new(attributes: &Attributes) -> Result<Self, String>;

    /// The shapes of the outputs, from those of the inputs. Fails for inputs that do not fit each other.
    ///
    /// It is asked when a model is loaded, where sizes may be [`FREE`](crate::FREE), and in each run, where none is.
    fn shapes(inputs: &[&[i64]]) -> Result<Vec<Vec<i64>>, String>;

    /// Computes on the processor. Outputs have the shapes that [`Self::shapes`] answered, and elements that are to be written.
    ///
    /// Runs of a session may overlap: what changes between them needs a lock.
    fn compute(&self, inputs: &[Tensor], outputs: &mut [TensorMut]) -> Result<(), String>;
}
