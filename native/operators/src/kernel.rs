//! Runs of one node.

use std::ptr;

use ort_sys::{OrtApi, OrtKernelContext, OrtValue};

use crate::cuda::Functions;
use crate::operator::Operator;
use crate::status::checked;
use crate::tensor::{Tensor, TensorMut};

/// What one node of a model computes with.
pub struct Kernel<O> {
    pub api: &'static OrtApi,
    pub operator: O,
}

impl<O: Operator> Kernel<O> {
    /// Computes one run on the processor.
    ///
    /// # Safety
    ///
    /// The context is ONNX Runtime's, of a run of this node.
    pub unsafe fn compute(&self, context: *mut OrtKernelContext) -> Result<(), String> {
        // SAFETY: by our caller's word.
        let (inputs, mut outputs) = unsafe { self.tensors(context) }?;
        self.operator.compute(&inputs, &mut outputs)
    }

    /// Starts one run on CUDA, in the order of the stream that ONNX Runtime computes on.
    ///
    /// # Safety
    ///
    /// As [`Self::compute`], and ONNX Runtime runs the node on CUDA.
    pub unsafe fn compute_on_cuda(&self, context: *mut OrtKernelContext) -> Result<(), String> {
        let Some(body) = &O::CUDA else {
            return Err("it has no body for CUDA".to_owned());
        };
        let mut stream = ptr::null_mut();
        // SAFETY: by our caller's word.
        let (inputs, outputs) = unsafe { self.tensors(context) }?;
        // SAFETY: as above, and there is room for the answer.
        checked(self.api, unsafe {
            (self.api.KernelContext_GetGPUComputeStream)(context, &mut stream)
        })?;
        let shapes: Vec<&[i64]> = inputs.iter().map(Tensor::shape).collect();
        let launch = (body.launch)(&self.operator, &shapes);
        let tensors = inputs.iter().map(Tensor::address);
        let tensors: Vec<_> = tensors.chain(outputs.iter().map(TensorMut::address)).collect();
        // SAFETY: ONNX Runtime has put the tensors of the node onto the device whose context is current.
        unsafe { Functions::open()?.run(body, &tensors, &launch, stream) }
    }

    /// The inputs of a run, and its outputs, which this makes.
    ///
    /// # Safety
    ///
    /// As [`Self::compute`].
    unsafe fn tensors<'run>(
        &self,
        context: *mut OrtKernelContext,
    ) -> Result<(Vec<Tensor<'run>>, Vec<TensorMut<'run>>), String> {
        let api = self.api;
        let inputs = O::INPUTS.iter().enumerate().map(|(index, element)| {
            // SAFETY: the node has so many inputs, and ONNX Runtime has checked that they are of these types.
            unsafe { Tensor::over(api, input(api, context, index)?, *element) }
        });
        let inputs: Vec<Tensor> = inputs.collect::<Result<_, String>>()?;
        let shapes: Vec<&[i64]> = inputs.iter().map(Tensor::shape).collect();
        let shapes = O::shapes(&shapes)?.into_iter().zip(O::OUTPUTS);
        let outputs = shapes.enumerate().map(|(index, (shape, element))| {
            // SAFETY: ONNX Runtime makes the output with this type and shape, for this run.
            unsafe { TensorMut::over(api, output(api, context, index, &shape)?, *element, shape) }
        });
        let outputs = outputs.collect::<Result<_, String>>()?;
        Ok((inputs, outputs))
    }
}

/// # Safety
///
/// The context is of a run whose node has such an input.
unsafe fn input(api: &OrtApi, context: *const OrtKernelContext, index: usize) -> Result<*const OrtValue, String> {
    let mut value = ptr::null();
    // SAFETY: by our caller's word.
    checked(api, unsafe { (api.KernelContext_GetInput)(context, index, &mut value) })?;
    if value.is_null() {
        return Err(format!("input {index} is missing"));
    }
    Ok(value)
}

/// # Safety
///
/// The context is of a run whose node has such an output.
unsafe fn output(
    api: &OrtApi,
    context: *mut OrtKernelContext,
    index: usize,
    shape: &[i64],
) -> Result<*mut OrtValue, String> {
    let mut value = ptr::null_mut();
    // SAFETY: by our caller's word, and there are so many sizes.
    let status = unsafe { (api.KernelContext_GetOutput)(context, index, shape.as_ptr(), shape.len(), &mut value) };
    checked(api, status)?;
    if value.is_null() {
        return Err(format!(
            "output {index} is missing: a node of this operator names all of its outputs"
        ));
    }
    Ok(value)
}
