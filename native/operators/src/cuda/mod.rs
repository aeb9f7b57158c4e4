//! Bodies for CUDA: source that is compiled when a session first computes with it, so that building a library needs no CUDA toolkit.
//!
//! The driver and NVRTC are opened when a model is loaded into a session on CUDA, and not before.

mod compiler;
mod driver;
mod functions;
mod opened;

use std::ffi::CStr;

pub use compiler::Compiler;
pub(crate) use functions::Functions;

/// The body of an operator for CUDA.
pub struct CudaBody<O> {
    /// CUDA C++.
    pub source: &'static str,
    /// The function in it, `extern "C" __global__`. Its parameters are pointers to the inputs, pointers to the outputs, and what
    /// [`Launch::arguments`] has.
    pub function: &'static CStr,
    /// Options for NVRTC, such as `--define-macro=ELEMENT=float`.
    pub options: &'static [&'static CStr],
    /// How a node is computed for inputs of these shapes.
    pub launch: fn(&O, &[&[i64]]) -> Launch,
}

/// How a function is started for one run.
#[derive(Debug, PartialEq)]
pub struct Launch {
    /// Blocks of threads; 0 starts nothing, which is right where there is nothing to compute.
    pub blocks: u32,
    /// Threads of a block.
    pub threads: u32,
    /// What follows the pointers.
    pub arguments: Vec<Argument>,
}

/// An argument that is no pointer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Argument {
    /// A `long long`.
    Int(i64),
    /// A `float`.
    Float(f32),
}
