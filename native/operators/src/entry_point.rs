//! The door through which ONNX Runtime takes the operators of a library.

use std::ffi::CStr;
use std::ptr;
use std::sync::OnceLock;

use ort_sys::{OrtApi, OrtApiBase, OrtCustomOpDomain, OrtSessionOptions, OrtStatusPtr};

use crate::registration::{RegisteredOperator, open};
use crate::status::{answered, checked, status};

/// The operators of a library, under one domain. [`export_operators`](crate::export_operators) makes the one that a library has.
pub struct OperatorLibrary {
    domain: &'static CStr,
    operators: &'static [RegisteredOperator],
    on_cuda: &'static [Option<RegisteredOperator>],
    registered: OnceLock<Domain>,
}

/// Made once, and used by every session of the process.
struct Domain(*mut OrtCustomOpDomain);

// SAFETY: ONNX Runtime only reads a domain once its operators are in it.
unsafe impl Send for Domain {}
// SAFETY: as above.
unsafe impl Sync for Domain {}

impl OperatorLibrary {
    /// A library of operators: with their bodies for the processor, and with those for CUDA that there are.
    pub const fn new(
        domain: &'static CStr,
        operators: &'static [RegisteredOperator],
        on_cuda: &'static [Option<RegisteredOperator>],
    ) -> Self {
        Self {
            domain,
            operators,
            on_cuda,
            registered: OnceLock::new(),
        }
    }

    /// Gives the operators to a session that is to be made.
    ///
    /// # Safety
    ///
    /// Called by ONNX Runtime, with what it gives to `RegisterCustomOps`.
    pub unsafe fn register(&'static self, options: *mut OrtSessionOptions, base: *const OrtApiBase) -> OrtStatusPtr {
        // SAFETY: by our caller's word.
        let Some(api) = (unsafe { open(base, self.operators) }) else {
            // SAFETY: as above.
            return unsafe { too_old(base) };
        };
        answered(api, self.domain, || {
            let domain = self.domain(api)?;
            // SAFETY: the options are ONNX Runtime's, and the domain stays.
            checked(api, unsafe { (api.AddCustomOpDomain)(options, domain) })
        })
    }

    fn domain(&'static self, api: &OrtApi) -> Result<*mut OrtCustomOpDomain, String> {
        if let Some(Domain(domain)) = self.registered.get() {
            return Ok(*domain);
        }
        let mut domain = ptr::null_mut();
        // SAFETY: the name ends with a zero and is copied, and there is room for the answer.
        checked(api, unsafe {
            (api.CreateCustomOpDomain)(self.domain.as_ptr(), &mut domain)
        })?;
        for operator in self.operators.iter().chain(self.on_cuda.iter().flatten()) {
            // SAFETY: the domain is ours, and the operator stays.
            checked(api, unsafe { (api.CustomOpDomain_Add)(domain, operator.as_ptr()) })?;
        }
        Ok(self.registered.get_or_init(|| Domain(domain)).0)
    }
}

/// Says so by the first interface that there was, which every ONNX Runtime has.
///
/// # Safety
///
/// The base is that of an ONNX Runtime library.
unsafe fn too_old(base: *const OrtApiBase) -> OrtStatusPtr {
    // SAFETY: by our caller's word; what is used of the interface is as old as it is, and the version is a static text.
    let (api, version) = unsafe {
        (
            &*((*base).GetApi)(1),
            CStr::from_ptr(((*base).GetVersionString)()).to_string_lossy(),
        )
    };
    let wanted = ort_sys::ORT_API_VERSION;
    status(
        api,
        &format!("this is ONNX Runtime {version}, and the operator library needs 1.{wanted} or newer"),
    )
}

/// Makes a library of operators: `export_operators!(c"my.domain", [First, Second])`, once in a crate of the type `cdylib`.
#[macro_export]
macro_rules! export_operators {
    ($domain:expr, [$($operator:ty),+ $(,)?]) => {
        static OPERATORS: &[$crate::RegisteredOperator] =
            &[$($crate::RegisteredOperator::on_processor::<$operator>()),+];
        static ON_CUDA: &[Option<$crate::RegisteredOperator>] =
            &[$($crate::RegisteredOperator::on_cuda::<$operator>()),+];
        static LIBRARY: $crate::OperatorLibrary = $crate::OperatorLibrary::new($domain, OPERATORS, ON_CUDA);

        /// Where ONNX Runtime takes the operators of this library.
        ///
        /// # Safety
        ///
        /// For ONNX Runtime alone.
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn RegisterCustomOps(
            options: *mut $crate::sys::OrtSessionOptions,
            base: *const $crate::sys::OrtApiBase,
        ) -> $crate::sys::OrtStatusPtr {
            // SAFETY: by our caller's word.
            unsafe { LIBRARY.register(options, base) }
        }
    };
}
