//! Operators as ONNX Runtime is told of them: a table of functions for each.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use ort_sys::{
    ONNXTensorElementDataType as OrtElement, OrtApi, OrtApiBase, OrtCustomOp, OrtCustomOpInputOutputCharacteristic,
    OrtKernelContext, OrtKernelInfo, OrtMemType, OrtShapeInferContext, OrtStatusPtr,
};

use crate::attributes::Attributes;
use crate::cuda::Functions;
use crate::element::ElementType;
use crate::kernel::Kernel;
use crate::operator::Operator;
use crate::shape_inference::{ShapesOf, check, infer};
use crate::status::{answered, contained};

const PROCESSOR: &CStr = c"CPUExecutionProvider";
const CUDA: &CStr = c"CUDAExecutionProvider";

/// What ONNX Runtime is asked with. There is one in a process, and one library of operators around this.
static OPENED: OnceLock<Opened> = OnceLock::new();

#[derive(Clone, Copy)]
struct Opened {
    api: &'static OrtApi,
    operators: &'static [RegisteredOperator],
}

/// Takes the interface of the ONNX Runtime library that opened this one. Answers nothing when it is older than is needed.
///
/// # Safety
///
/// The base is that of an ONNX Runtime library that stays open.
pub unsafe fn open(base: *const OrtApiBase, operators: &'static [RegisteredOperator]) -> Option<&'static OrtApi> {
    // SAFETY: by our caller's word; the table that is answered is static.
    let api = unsafe { ((*base).GetApi)(ort_sys::ORT_API_VERSION).as_ref() }?;
    Some(OPENED.get_or_init(|| Opened { api, operators }).api)
}

/// An operator as ONNX Runtime is told of it.
pub struct RegisteredOperator {
    table: OrtCustomOp,
    pub(crate) name: &'static CStr,
    pub(crate) inputs: &'static [ElementType],
    pub(crate) outputs: &'static [ElementType],
    pub(crate) shapes: ShapesOf,
}

// SAFETY: it is a table of functions, and what is known of them, which nobody changes.
unsafe impl Send for RegisteredOperator {}
// SAFETY: as above.
unsafe impl Sync for RegisteredOperator {}

impl RegisteredOperator {
    /// With its body for the processor.
    pub const fn on_processor<O: Operator>() -> Self {
        Self::with::<O>(processor, create::<O>, compute::<O>)
    }

    /// With its body for CUDA, if it has one.
    pub const fn on_cuda<O: Operator>() -> Option<Self> {
        match O::CUDA {
            Some(_) => Some(Self::with::<O>(cuda, create_on_cuda::<O>, compute_on_cuda::<O>)),
            None => None,
        }
    }

    const fn with<O: Operator>(provider: GetText, create: CreateKernel, compute: Compute) -> Self {
        let table = OrtCustomOp {
            version: ort_sys::ORT_API_VERSION,
            CreateKernel: None,
            GetName: Some(name::<O>),
            GetExecutionProviderType: Some(provider),
            GetInputType: Some(input_type::<O>),
            GetInputTypeCount: Some(input_count::<O>),
            GetOutputType: Some(output_type::<O>),
            GetOutputTypeCount: Some(output_count::<O>),
            KernelCompute: None,
            KernelDestroy: Some(destroy::<O>),
            GetInputCharacteristic: Some(required),
            GetOutputCharacteristic: Some(required),
            GetInputMemoryType: Some(default_memory),
            GetVariadicInputMinArity: Some(no_variadic),
            GetVariadicInputHomogeneity: Some(no_variadic),
            GetVariadicOutputMinArity: Some(no_variadic),
            GetVariadicOutputHomogeneity: Some(no_variadic),
            CreateKernelV2: Some(create),
            KernelComputeV2: Some(compute),
            InferOutputShapeFn: Some(infer_shapes::<O>),
            GetStartVersion: Some(first_version),
            GetEndVersion: Some(last_version),
            GetMayInplace: None,
            ReleaseMayInplace: None,
            GetAliasMap: None,
            ReleaseAliasMap: None,
        };
        Self {
            table,
            name: O::NAME,
            inputs: O::INPUTS,
            outputs: O::OUTPUTS,
            shapes: O::shapes,
        }
    }

    /// For ONNX Runtime, which keeps it for as long as a session has it.
    pub(crate) fn as_ptr(&'static self) -> *const OrtCustomOp {
        &self.table
    }
}

type GetText = unsafe extern "system" fn(*const OrtCustomOp) -> *const c_char;
type CreateKernel = unsafe extern "system" fn(
    *const OrtCustomOp,
    *const OrtApi,
    *const OrtKernelInfo,
    *mut *mut c_void,
) -> OrtStatusPtr;
type Compute = unsafe extern "system" fn(*mut c_void, *mut OrtKernelContext) -> OrtStatusPtr;

extern "system" fn name<O: Operator>(_: *const OrtCustomOp) -> *const c_char {
    O::NAME.as_ptr()
}

extern "system" fn processor(_: *const OrtCustomOp) -> *const c_char {
    PROCESSOR.as_ptr()
}

extern "system" fn cuda(_: *const OrtCustomOp) -> *const c_char {
    CUDA.as_ptr()
}

extern "system" fn input_count<O: Operator>(_: *const OrtCustomOp) -> usize {
    O::INPUTS.len()
}

extern "system" fn input_type<O: Operator>(_: *const OrtCustomOp, index: usize) -> OrtElement {
    O::INPUTS[index].to_ort()
}

extern "system" fn output_count<O: Operator>(_: *const OrtCustomOp) -> usize {
    O::OUTPUTS.len()
}

extern "system" fn output_type<O: Operator>(_: *const OrtCustomOp, index: usize) -> OrtElement {
    O::OUTPUTS[index].to_ort()
}

extern "system" fn required(_: *const OrtCustomOp, _: usize) -> OrtCustomOpInputOutputCharacteristic {
    OrtCustomOpInputOutputCharacteristic::INPUT_OUTPUT_REQUIRED
}

extern "system" fn default_memory(_: *const OrtCustomOp, _: usize) -> OrtMemType {
    OrtMemType::OrtMemTypeDefault
}

/// Of operators that take any number of inputs, which none of ours does.
extern "system" fn no_variadic(_: *const OrtCustomOp) -> c_int {
    1
}

extern "system" fn first_version(_: *const OrtCustomOp) -> c_int {
    1
}

extern "system" fn last_version(_: *const OrtCustomOp) -> c_int {
    c_int::MAX
}

unsafe extern "system" fn create<O: Operator>(
    _: *const OrtCustomOp,
    api: *const OrtApi,
    info: *const OrtKernelInfo,
    kernel: *mut *mut c_void,
) -> OrtStatusPtr {
    // SAFETY: ONNX Runtime's interface is a static table; the node lives until this returns; there is room for the kernel.
    let (api, info, kernel) = unsafe { (&*api, &*info, &mut *kernel) };
    answered(api, O::NAME, || {
        *kernel = new_kernel::<O>(api, info)?;
        Ok(())
    })
}

unsafe extern "system" fn create_on_cuda<O: Operator>(
    _: *const OrtCustomOp,
    api: *const OrtApi,
    info: *const OrtKernelInfo,
    kernel: *mut *mut c_void,
) -> OrtStatusPtr {
    // SAFETY: as in `create`.
    let (api, info, kernel) = unsafe { (&*api, &*info, &mut *kernel) };
    answered(api, O::NAME, || {
        // What is missing is told when the model is loaded, and not by its first run.
        Functions::open()?;
        *kernel = new_kernel::<O>(api, info)?;
        Ok(())
    })
}

fn new_kernel<O: Operator>(api: &'static OrtApi, info: &OrtKernelInfo) -> Result<*mut c_void, String> {
    // SAFETY: the node is one of this operator.
    unsafe { check::<O>(api, info) }?;
    let operator = O::new(&Attributes::new(api, info))?;
    Ok(Box::into_raw(Box::new(Kernel { api, operator })).cast())
}

unsafe extern "system" fn compute<O: Operator>(kernel: *mut c_void, context: *mut OrtKernelContext) -> OrtStatusPtr {
    // SAFETY: it was made by `create` of the same operator, and is not destroyed before the run has ended.
    let kernel = unsafe { &*kernel.cast::<Kernel<O>>() };
    // SAFETY: the context is that of a run of this node.
    answered(kernel.api, O::NAME, || unsafe { kernel.compute(context) })
}

unsafe extern "system" fn compute_on_cuda<O: Operator>(
    kernel: *mut c_void,
    context: *mut OrtKernelContext,
) -> OrtStatusPtr {
    // SAFETY: as in `compute`.
    let kernel = unsafe { &*kernel.cast::<Kernel<O>>() };
    // SAFETY: the context is that of a run of this node on CUDA.
    answered(kernel.api, O::NAME, || unsafe { kernel.compute_on_cuda(context) })
}

unsafe extern "system" fn destroy<O: Operator>(kernel: *mut c_void) {
    // SAFETY: it was made by `create` of the same operator, and this is its end.
    drop(unsafe { Box::from_raw(kernel.cast::<Kernel<O>>()) });
}

unsafe extern "system" fn infer_shapes<O: Operator>(
    _: *const OrtCustomOp,
    context: *mut OrtShapeInferContext,
) -> OrtStatusPtr {
    if let Some(&Opened { api, operators }) = OPENED.get() {
        // ONNX Runtime does not look at what is answered here, nor does it release that; what does not fit is told by `create`.
        // SAFETY: the context is that of a node of this name.
        let _ = contained(|| unsafe { infer(api, operators, O::NAME, context) });
    }
    OrtStatusPtr(ptr::null_mut())
}
