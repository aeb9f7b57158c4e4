//! The functions of AscendCL that are used, found in its library by their names.

use std::ffi::{c_char, c_int, c_void};

use crate::fault::Fault;

/// `aclError`: 0, or why not.
pub type Status = c_int;
/// `aclrtContext`.
pub type ContextHandle = *mut c_void;
/// `aclrtStream`.
pub type StreamHandle = *mut c_void;
/// `aclmdlDesc *`.
pub type DescriptionHandle = *mut c_void;
/// `aclmdlDataset *`.
pub type DatasetHandle = *mut c_void;
/// `aclDataBuffer *`.
pub type DataBufferHandle = *mut c_void;

/// `ACL_MAX_DIM_CNT`.
pub const MAX_DIMENSIONS: usize = 128;
/// `ACL_MAX_TENSOR_NAME_LEN`.
pub const MAX_NAME_BYTES: usize = 128;

/// `aclmdlIODims`.
#[repr(C)]
pub struct Dimensions {
    /// A name, up to a zero byte.
    pub name: [c_char; MAX_NAME_BYTES],
    /// How many of `sizes` are meant; 0 for a scalar.
    pub count: usize,
    /// -1 where a size is free.
    pub sizes: [i64; MAX_DIMENSIONS],
}

/// `ACL_MEM_MALLOC_HUGE_FIRST` of `aclrtMemMallocPolicy`.
pub const HUGE_PAGES_FIRST: c_int = 0;
/// `ACL_MEMCPY_HOST_TO_DEVICE` of `aclrtMemcpyKind`.
pub const HOST_TO_DEVICE: c_int = 1;
/// `ACL_MEMCPY_DEVICE_TO_HOST` of `aclrtMemcpyKind`.
pub const DEVICE_TO_HOST: c_int = 2;
/// `ACL_HBM_MEM` of `aclrtMemAttr`.
pub const DEVICE_MEMORY: c_int = 1;

/// A function of AscendCL.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Whether it answers an `aclError`; the others answer nothing (null, 0, or a type that is none) when they fail.
    pub tells_code: bool,
}

macro_rules! interface {
    ($($name:ident($($parameter:ty),*) -> $answer:ident $(<$of:ty>)?;)*) => {
        /// AscendCL, opened. Its code stays in memory until the process ends: it has threads of its own.
        #[allow(non_snake_case, missing_docs)]
        pub struct Interface {
            $(pub $name: unsafe extern "C" fn($($parameter),*) -> interface!(@type $answer $(<$of>)?),)*
        }

        /// Every function that is used.
        pub const FUNCTIONS: &[Function] = &[
            $(Function { name: stringify!($name), tells_code: matches!(stringify!($answer).as_bytes(), b"Status") },)*
        ];

        impl Interface {
            /// Finds the functions. Fails for a library that lacks one: it is none of AscendCL, or an older one.
            pub fn find(library: &libloading::Library) -> Result<Self, Fault> {
                Ok(Self {
                    // SAFETY: this is the function's type in AscendCL's documentation.
                    $($name: unsafe { found(library, stringify!($name)) }?,)*
                })
            }
        }
    };
    (@type Pointer<$of:ty>) => { $of };
    (@type $answer:ident) => { $answer };
}

interface! {
    aclInit(*const c_char) -> Status;
    aclFinalize() -> Status;
    aclGetRecentErrMsg() -> Pointer<*const c_char>;
    aclrtGetSocName() -> Pointer<*const c_char>;
    aclrtGetDeviceCount(*mut u32) -> Status;
    aclrtSetDevice(i32) -> Status;
    aclrtResetDevice(i32) -> Status;
    aclrtGetMemInfo(c_int, *mut usize, *mut usize) -> Status;
    aclrtCreateContext(*mut ContextHandle, i32) -> Status;
    aclrtSetCurrentContext(ContextHandle) -> Status;
    aclrtDestroyContext(ContextHandle) -> Status;
    aclrtCreateStream(*mut StreamHandle) -> Status;
    aclrtSynchronizeStream(StreamHandle) -> Status;
    aclrtSynchronizeStreamWithTimeout(StreamHandle, i32) -> Status;
    aclrtDestroyStream(StreamHandle) -> Status;
    aclrtMalloc(*mut *mut c_void, usize, c_int) -> Status;
    aclrtFree(*mut c_void) -> Status;
    aclrtMallocHost(*mut *mut c_void, usize) -> Status;
    aclrtFreeHost(*mut c_void) -> Status;
    aclrtMemcpyAsync(*mut c_void, usize, *const c_void, usize, c_int, StreamHandle) -> Status;
    aclmdlLoadFromMem(*const c_void, usize, *mut u32) -> Status;
    aclmdlUnload(u32) -> Status;
    aclmdlCreateDesc() -> Pointer<DescriptionHandle>;
    aclmdlGetDesc(DescriptionHandle, u32) -> Status;
    aclmdlDestroyDesc(DescriptionHandle) -> Status;
    aclmdlGetNumInputs(DescriptionHandle) -> usize;
    aclmdlGetNumOutputs(DescriptionHandle) -> usize;
    aclmdlGetInputSizeByIndex(DescriptionHandle, usize) -> usize;
    aclmdlGetOutputSizeByIndex(DescriptionHandle, usize) -> usize;
    aclmdlGetInputNameByIndex(DescriptionHandle, usize) -> Pointer<*const c_char>;
    aclmdlGetOutputNameByIndex(DescriptionHandle, usize) -> Pointer<*const c_char>;
    aclmdlGetInputDims(DescriptionHandle, usize, *mut Dimensions) -> Status;
    aclmdlGetOutputDims(DescriptionHandle, usize, *mut Dimensions) -> Status;
    aclmdlGetInputDataType(DescriptionHandle, usize) -> c_int;
    aclmdlGetOutputDataType(DescriptionHandle, usize) -> c_int;
    aclmdlCreateDataset() -> Pointer<DatasetHandle>;
    aclmdlAddDatasetBuffer(DatasetHandle, DataBufferHandle) -> Status;
    aclmdlDestroyDataset(DatasetHandle) -> Status;
    aclCreateDataBuffer(*mut c_void, usize) -> Pointer<DataBufferHandle>;
    aclDestroyDataBuffer(DataBufferHandle) -> Status;
    aclmdlExecuteAsync(u32, DatasetHandle, DatasetHandle, StreamHandle) -> Status;
}

/// # Safety
/// `F` is the function's type.
unsafe fn found<F: Copy>(library: &libloading::Library, name: &str) -> Result<F, Fault> {
    // SAFETY: our caller knows the type.
    unsafe { library.get::<F>(name.as_bytes()) }
        .map(|function| *function)
        .map_err(|_| {
            Fault::Library(format!(
                "it has no function {name}: it is not AscendCL, or an older one"
            ))
        })
}
