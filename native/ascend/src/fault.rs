//! Why something failed.

use std::fmt;

use crate::codes;
use crate::interface::Status;

/// A failure. Its text says what failed and, where that is known, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The library cannot be used.
    Library(String),
    /// A function of AscendCL failed.
    Call(CallFault),
    /// A call that is wrong, whatever the model is.
    Invalid(String),
    /// A model that cannot be run here, though AscendCL may take it.
    Unsupported(String),
    /// The time of a run was over before its end.
    DeadlineExceeded,
}

/// What AscendCL tells of a call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFault {
    /// The function.
    pub function: &'static str,
    /// Its `aclError`; `None` for functions that tell none.
    pub status: Option<Status>,
    /// `aclGetRecentErrMsg`, in one line; empty where there is none.
    pub details: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library(text) | Self::Invalid(text) | Self::Unsupported(text) => out.write_str(text),
            Self::Call(call) => call.fmt(out),
            Self::DeadlineExceeded => out.write_str("the run was not done within its time"),
        }
    }
}

impl fmt::Display for CallFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} failed", self.function)?;
        if let Some(status) = self.status {
            match codes::find(status) {
                Some(code) => write!(out, " with {status}, {}: {}", code.name, code.meaning)?,
                None => write!(out, " with {status}, which is not documented")?,
            }
        }
        if !self.details.is_empty() {
            write!(out, "; AscendCL says: {}", self.details)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(status: Option<Status>, details: &str) -> String {
        let details = details.to_owned();
        let function = "aclrtMalloc";
        Fault::Call(CallFault {
            function,
            status,
            details,
        })
        .to_string()
    }

    #[test]
    fn what_is_known_is_told() {
        assert_eq!(
            text(Some(207001), "EL0004: out of memory"),
            "aclrtMalloc failed with 207001, ACL_ERROR_RT_MEMORY_ALLOCATION: no memory could be allocated; \
             AscendCL says: EL0004: out of memory"
        );
        assert_eq!(text(Some(7), ""), "aclrtMalloc failed with 7, which is not documented");
        assert_eq!(text(None, ""), "aclrtMalloc failed");
    }
}
