//! Why something failed, as JavaScript is told: an error with a `code`.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The `code` of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// No ONNX Runtime library, or no AscendCL; an older one than is needed, or another one than this process has opened.
    LibraryUnusable,
    /// The library was built without what a model is to run on, or the device is not there.
    ProviderUnavailable,
    /// ONNX Runtime, or AscendCL, does not take the model.
    ModelLoadFailed,
    /// ONNX Runtime, or AscendCL, took the inputs and failed.
    ModelRunFailed,
    /// The run was cancelled, or passed its limit.
    RunCancelled,
    /// A value that cannot cross.
    Unsupported,
    /// A call that is wrong, whatever the model is.
    InvalidArgument,
    /// A fault of this addon.
    Internal,
}

impl AsRef<str> for FaultCode {
    fn as_ref(&self) -> &str {
        match self {
            Self::LibraryUnusable => "LIBRARY_UNUSABLE",
            Self::ProviderUnavailable => "PROVIDER_UNAVAILABLE",
            Self::ModelLoadFailed => "MODEL_LOAD_FAILED",
            Self::ModelRunFailed => "MODEL_RUN_FAILED",
            Self::RunCancelled => "RUN_CANCELLED",
            Self::Unsupported => "UNSUPPORTED",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::Internal => "INTERNAL",
        }
    }
}

/// A failure: its code, and a text that says what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// For programs.
    pub code: FaultCode,
    /// For people.
    pub text: String,
}

impl Fault {
    /// A failure with a text.
    pub fn new(code: FaultCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// A failure with ONNX Runtime's own text.
    pub fn from_ort(code: FaultCode, error: &ort::Error) -> Self {
        Self::new(code, without_source_places(error.message()))
    }

    /// A call that is wrong.
    pub fn invalid(text: impl Into<String>) -> Self {
        Self::new(FaultCode::InvalidArgument, text)
    }
}

/// ONNX Runtime's text in one line, without the places in its source, `/folder/file.cc:12`, which are its builder's.
fn without_source_places(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().filter(|word| !is_source_place(word)).collect();
    words.join(" ")
}

fn is_source_place(word: &str) -> bool {
    let Some((path, line)) = word.rsplit_once(':') else {
        return false;
    };
    let is_source = path.ends_with(".cc") || path.ends_with(".h");
    path.starts_with('/') && is_source && !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
}

/// Does something; a panic becomes a failure, since no frame above may be unwound.
pub fn contained<T>(act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|payload| {
        Err(Fault::new(
            FaultCode::Internal,
            format!("the native runtime panicked: {}", text_of(&*payload)),
        ))
    })
}

fn text_of(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("it did not say why")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure_with_its_text() {
        let failed: Result<(), Fault> = contained(|| panic!("index {} is beyond", 7));
        let fault = failed.unwrap_err();
        assert_eq!(fault.code, FaultCode::Internal);
        assert_eq!(fault.text, "the native runtime panicked: index 7 is beyond");
    }

    #[test]
    fn places_in_the_runtimes_source_are_left_out() {
        let text = "Status Message: /src/core/gather.cc:171 indices\n out of bounds, see /models/a.onnx:3 and 12:30";
        assert_eq!(
            without_source_places(text),
            "Status Message: indices out of bounds, see /models/a.onnx:3 and 12:30"
        );
    }

    #[test]
    fn what_is_returned_passes() {
        assert_eq!(contained(|| Ok(7)), Ok(7));
        let fault = || Fault::invalid("no such input");
        assert_eq!(contained::<()>(|| Err(fault())), Err(fault()));
    }
}
