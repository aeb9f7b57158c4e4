//! NVRTC, which compiles CUDA C++ at run time.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

use libloading::Library;

use crate::cuda::opened::{function, open_first};

const NAMES: &[&str] = &["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];
const SUCCESS: c_int = 0;

type Program = *mut c_void;

/// NVIDIA's compiler for source that is known only at run time.
pub struct Compiler {
    create: unsafe extern "C" fn(
        *mut Program,
        *const c_char,
        *const c_char,
        c_int,
        *const *const c_char,
        *const *const c_char,
    ) -> c_int,
    compile: unsafe extern "C" fn(Program, c_int, *const *const c_char) -> c_int,
    ptx_size: unsafe extern "C" fn(Program, *mut usize) -> c_int,
    ptx: unsafe extern "C" fn(Program, *mut c_char) -> c_int,
    log_size: unsafe extern "C" fn(Program, *mut usize) -> c_int,
    log: unsafe extern "C" fn(Program, *mut c_char) -> c_int,
    destroy: unsafe extern "C" fn(*mut Program) -> c_int,
    error_text: unsafe extern "C" fn(c_int) -> *const c_char,
    _library: Library,
}

/// How a size of a program's text, and the text itself, are asked for.
type AskSize = unsafe extern "C" fn(Program, *mut usize) -> c_int;
type AskText = unsafe extern "C" fn(Program, *mut c_char) -> c_int;

impl Compiler {
    /// Opens the one that the system's linker finds. Fails saying that there is none.
    pub fn open() -> Result<Self, String> {
        Self::open_named(NAMES)
    }

    /// Opens the first that there is of these names or paths. Fails as [`Self::open`].
    pub fn open_named(names: &[&str]) -> Result<Self, String> {
        let library = open_first(names, "NVIDIA's run-time compiler NVRTC, which operators on CUDA need,")?;
        // SAFETY: these functions have had these types since CUDA 7, in every NVRTC.
        unsafe {
            Ok(Self {
                create: function(&library, "nvrtcCreateProgram")?,
                compile: function(&library, "nvrtcCompileProgram")?,
                ptx_size: function(&library, "nvrtcGetPTXSize")?,
                ptx: function(&library, "nvrtcGetPTX")?,
                log_size: function(&library, "nvrtcGetProgramLogSize")?,
                log: function(&library, "nvrtcGetProgramLog")?,
                destroy: function(&library, "nvrtcDestroyProgram")?,
                error_text: function(&library, "nvrtcGetErrorString")?,
                _library: library,
            })
        }
    }

    /// Compiles source to PTX, which the driver takes.
    ///
    /// `architecture`: of the device, such as 90 for compute capability 9.0. Fails with the compiler's own words.
    pub fn compile(&self, source: &str, options: &[&CStr], architecture: u32) -> Result<CString, String> {
        let source = CString::new(source).map_err(|_| "the source has a zero byte".to_owned())?;
        let mut program: Program = ptr::null_mut();
        let name = c"operator.cu".as_ptr();
        // SAFETY: the texts end with zeros, there are no headers, and there is room for the answer.
        let created = unsafe { (self.create)(&mut program, source.as_ptr(), name, 0, ptr::null(), ptr::null()) };
        self.checked(created)?;
        let compiled = self.compile_program(program, options, architecture);
        // SAFETY: the program is ours, and this is its end.
        unsafe { (self.destroy)(&mut program) };
        compiled
    }

    fn compile_program(&self, program: Program, options: &[&CStr], architecture: u32) -> Result<CString, String> {
        let target = CString::new(format!("--gpu-architecture=compute_{architecture}")).unwrap_or_default();
        let mut given: Vec<*const c_char> = options.iter().map(|option| option.as_ptr()).collect();
        given.push(target.as_ptr());
        // SAFETY: the program is alive, and so are so many options.
        let compiled = unsafe { (self.compile)(program, given.len() as c_int, given.as_ptr()) };
        if let Err(problem) = self.checked(compiled) {
            let log = self.text(program, self.log_size, self.log).unwrap_or_default();
            return Err(format!("{problem}: {}", log.to_string_lossy().trim()));
        }
        self.text(program, self.ptx_size, self.ptx)
    }

    fn text(&self, program: Program, size_of: AskSize, text_of: AskText) -> Result<CString, String> {
        let mut size = 0;
        // SAFETY: the program is alive, and there is room for the answer.
        self.checked(unsafe { size_of(program, &mut size) })?;
        let mut text = vec![0_u8; size];
        // SAFETY: as above; the size has the zero at the end in it.
        self.checked(unsafe { text_of(program, text.as_mut_ptr().cast()) })?;
        text.truncate(text.iter().position(|&byte| byte == 0).unwrap_or(size));
        CString::new(text).map_err(|error| error.to_string())
    }

    fn checked(&self, result: c_int) -> Result<(), String> {
        if result == SUCCESS {
            return Ok(());
        }
        // SAFETY: a static text is answered for every number.
        let text = unsafe { CStr::from_ptr((self.error_text)(result)) };
        Err(format!("NVRTC fails with {}", text.to_string_lossy()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_that_is_missing_is_told() {
        let problem = Compiler::open_named(&["libnowhere.so"]).err().unwrap();
        let expected = "NVIDIA's run-time compiler NVRTC, which operators on CUDA need, is not there: \
                        none of libnowhere.so can be opened";
        assert_eq!(problem, expected);
    }
}
