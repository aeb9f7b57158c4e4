//! Compiles the bodies for CUDA, on a machine that needs no device, and says what each became:
//!
//!     cargo run --package example-operators --example compile_cuda -- libnvrtc.so.12 90
//!
//! The first argument is NVRTC's name or path, the second the architecture: 90 for compute capability 9.0.

use example_operators::add::Add;
use example_operators::gated_rms_norm::GatedRmsNorm;
use slipway_operators::cuda::Compiler;
use slipway_operators::{ElementType, Operator};

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [nvrtc, architecture] = arguments.as_slice() else {
        return Err("two arguments are needed: NVRTC's name or path, and an architecture such as 90".to_owned());
    };
    let architecture = architecture
        .parse()
        .map_err(|_| format!("{architecture} is no architecture: use a number such as 90"))?;
    let compiler = Compiler::open_named(&[nvrtc])?;
    compile::<Add<f32>>(&compiler, architecture)?;
    compile::<Add<f64>>(&compiler, architecture)?;
    compile::<Add<i32>>(&compiler, architecture)?;
    compile::<Add<i64>>(&compiler, architecture)?;
    compile::<GatedRmsNorm>(&compiler, architecture)
}

fn compile<O: Operator>(compiler: &Compiler, architecture: u32) -> Result<(), String> {
    let (name, inputs): (_, &[ElementType]) = (O::NAME.to_string_lossy(), O::INPUTS);
    let Some(body) = O::CUDA else {
        println!("{name} {inputs:?}: no body for CUDA");
        return Ok(());
    };
    let ptx = compiler.compile(body.source, body.options, architecture)?;
    let ptx = ptx.to_string_lossy();
    let entry = format!(".entry {}(", body.function.to_string_lossy());
    if !ptx.contains(&entry) {
        return Err(format!("{name} {inputs:?}: what was compiled has no {entry}"));
    }
    println!("{name} {inputs:?}: {} bytes of PTX", ptx.len());
    Ok(())
}
