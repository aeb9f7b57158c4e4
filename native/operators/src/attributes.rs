//! Attributes of the nodes of a model.

use std::ffi::CStr;

use ort_sys::{OrtApi, OrtKernelInfo, OrtStatusPtr};

use crate::status::checked;

/// The attributes of one node.
pub struct Attributes<'node> {
    api: &'node OrtApi,
    info: &'node OrtKernelInfo,
}

impl<'node> Attributes<'node> {
    pub(crate) fn new(api: &'node OrtApi, info: &'node OrtKernelInfo) -> Self {
        Self { api, info }
    }

    /// A FLOAT; `default` where the node has none of this name. Fails for one of another type.
    pub fn float(&self, name: &CStr, default: f32) -> Result<f32, String> {
        let mut value = default;
        // SAFETY: the node lives, and there is room for the value.
        let status = unsafe { (self.api.KernelInfoGetAttribute_float)(self.info, name.as_ptr(), &mut value) };
        self.read(name, status, value, default)
    }

    /// An INT; `default` where the node has none of this name. Fails for one of another type.
    pub fn int(&self, name: &CStr, default: i64) -> Result<i64, String> {
        let mut value = default;
        // SAFETY: the node lives, and there is room for the value.
        let status = unsafe { (self.api.KernelInfoGetAttribute_int64)(self.info, name.as_ptr(), &mut value) };
        self.read(name, status, value, default)
    }

    fn read<T>(&self, name: &CStr, status: OrtStatusPtr, value: T, default: T) -> Result<T, String> {
        match checked(self.api, status) {
            Ok(()) => Ok(value),
            // ONNX Runtime has one code for an attribute that is not there and for one of another type.
            Err(text) if text.contains("No attribute with") => Ok(default),
            Err(text) => Err(format!("attribute {}: {text}", name.to_string_lossy())),
        }
    }
}
