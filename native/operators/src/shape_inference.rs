//! Shapes that are known when a model is loaded.

use std::ffi::CStr;
use std::ptr;

use ort_sys::{ONNXTensorElementDataType as OrtElement, OrtApi, OrtKernelInfo, OrtShapeInferContext};

use crate::element::ElementType;
use crate::operator::Operator;
use crate::registration::RegisteredOperator;
use crate::shapes::FREE;
use crate::status::checked;
use crate::tensor::sizes_in;

/// Tells ONNX Runtime the types and shapes of the outputs of one node.
///
/// It asks the first operator of a name for all of that name, so that the one with the types of the inputs is looked up. A shape is told
/// where every size of it is known: ONNX Runtime would take a free one for a size of -1.
///
/// # Safety
///
/// The context is ONNX Runtime's, of a node of this name.
pub unsafe fn infer(
    api: &OrtApi,
    operators: &[RegisteredOperator],
    name: &CStr,
    context: *mut OrtShapeInferContext,
) -> Result<(), String> {
    let (mut count, mut elements, mut shapes) = (0, Vec::new(), Vec::new());
    // SAFETY: by our caller's word.
    checked(api, unsafe {
        (api.ShapeInferContext_GetInputCount)(context, &mut count)
    })?;
    for index in 0..count {
        let (mut info, mut element) = (ptr::null_mut(), 0_i32);
        // SAFETY: the node has so many inputs. What is answered belongs to the context; a type is a 32-bit number, which may be one
        // that the enumeration of this build does not know.
        unsafe {
            checked(
                api,
                (api.ShapeInferContext_GetInputTypeShape)(context, index, &mut info),
            )?;
            checked(api, (api.GetTensorElementType)(info, (&raw mut element).cast()))?;
            elements.push(element);
            shapes.push(sizes_in(api, info)?);
        }
    }
    let takes = |inputs: &[ElementType]| {
        inputs
            .iter()
            .map(|element| element.to_ort() as i32)
            .eq(elements.iter().copied())
    };
    let Some(operator) = operators
        .iter()
        .find(|operator| operator.name == name && takes(operator.inputs))
    else {
        return Ok(());
    };
    for (index, (shape, element)) in outputs_of(operator.shapes, &shapes)?
        .iter()
        .zip(operator.outputs)
        .enumerate()
    {
        if !shape.contains(&FREE) {
            // SAFETY: by our caller's word.
            unsafe { tell(api, context, index, shape, element.to_ort()) }?;
        }
    }
    Ok(())
}

/// Fails when the shapes of a node's inputs, as far as they are known, do not fit each other.
///
/// # Safety
///
/// The node is one of this operator.
pub unsafe fn check<O: Operator>(api: &OrtApi, node: *const OrtKernelInfo) -> Result<(), String> {
    let mut shapes = Vec::new();
    for index in 0..O::INPUTS.len() {
        let (mut kind, mut info) = (ptr::null_mut(), ptr::null());
        // SAFETY: the node has so many inputs, which are tensors. The type is ours until it is released, with what was cast from it.
        unsafe {
            checked(api, (api.KernelInfo_GetInputTypeInfo)(node, index, &mut kind))?;
            let shape =
                checked(api, (api.CastTypeInfoToTensorInfo)(kind, &mut info)).and_then(|()| sizes_in(api, info));
            (api.ReleaseTypeInfo)(kind);
            shapes.push(shape?);
        }
    }
    outputs_of(O::shapes, &shapes).map(drop)
}

/// What an operator says of its declared inputs. ONNX Runtime tells of a tensor whose rank it does not know that it has no axes, as it
/// does of a scalar: nothing is said then.
fn outputs_of(shapes_of: ShapesOf, inputs: &[Vec<i64>]) -> Result<Vec<Vec<i64>>, String> {
    if inputs.iter().any(Vec::is_empty) {
        return Ok(vec![]);
    }
    let inputs: Vec<&[i64]> = inputs.iter().map(Vec::as_slice).collect();
    shapes_of(&inputs)
}

/// [`Operator::shapes`] of some operator.
pub type ShapesOf = fn(&[&[i64]]) -> Result<Vec<Vec<i64>>, String>;

/// # Safety
///
/// The context's node has an output of this index.
unsafe fn tell(
    api: &OrtApi,
    context: *mut OrtShapeInferContext,
    index: usize,
    shape: &[i64],
    element: OrtElement,
) -> Result<(), String> {
    let mut info = ptr::null_mut();
    // SAFETY: there is room for the answer, which is ours and is released below.
    checked(api, unsafe { (api.CreateTensorTypeAndShapeInfo)(&mut info) })?;
    // SAFETY: the information is ours; there are so many sizes; ONNX Runtime copies what it is told.
    unsafe {
        let told = checked(api, (api.SetTensorElementType)(info, element))
            .and_then(|()| checked(api, (api.SetDimensions)(info, shape.as_ptr(), shape.len())))
            .and_then(|()| checked(api, (api.ShapeInferContext_SetOutputTypeShape)(context, index, info)));
        (api.ReleaseTensorTypeAndShapeInfo)(info);
        told
    }
}
