//! Failures, as ONNX Runtime has them.

use std::any::Any;
use std::ffi::{CStr, CString};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use ort_sys::{OrtApi, OrtErrorCode, OrtStatusPtr};

/// Does something for ONNX Runtime; a failure becomes a status, and so does a panic, since no frame of C++ may be unwound.
pub fn answered(api: &OrtApi, name: &CStr, act: impl FnOnce() -> Result<(), String>) -> OrtStatusPtr {
    match contained(act) {
        Ok(()) => OrtStatusPtr(ptr::null_mut()),
        Err(problem) => status(api, &format!("{}: {problem}", name.to_string_lossy())),
    }
}

/// Does something; a panic becomes a failure.
pub fn contained(act: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|payload| Err(panic_text(&*payload)))
}

/// A failure with a text.
pub fn status(api: &OrtApi, text: &str) -> OrtStatusPtr {
    let text = CString::new(text.replace('\0', " ")).unwrap_or_default();
    // SAFETY: the text ends with a zero, and is copied.
    unsafe { (api.CreateStatus)(OrtErrorCode::ORT_FAIL, text.as_ptr()) }
}

/// What ONNX Runtime answered to a call. The status is released.
pub fn checked(api: &OrtApi, status: OrtStatusPtr) -> Result<(), String> {
    if status.0.is_null() {
        return Ok(());
    }
    // SAFETY: the status is ONNX Runtime's, and its text lives until it is released here.
    unsafe {
        let text = CStr::from_ptr((api.GetErrorMessage)(status.0))
            .to_string_lossy()
            .into_owned();
        (api.ReleaseStatus)(status.0);
        Err(text)
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    format!("it panicked: {}", text.unwrap_or("it did not say why"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure_with_its_text() {
        let problem = |act: fn() -> Result<(), String>| contained(act).unwrap_err();
        assert_eq!(
            problem(|| panic!("row {} is beyond", 7)),
            "it panicked: row 7 is beyond"
        );
        assert_eq!(problem(|| panic!("no rows")), "it panicked: no rows");
        assert_eq!(problem(|| Err("no rows".to_owned())), "no rows");
        assert_eq!(contained(|| Ok(())), Ok(()));
    }
}
