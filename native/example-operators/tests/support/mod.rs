//! What the tests run models with.

pub mod onnx_file;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use onnx_file::Graph;
use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;

/// The library that onnxruntime-node brings along.
fn environment() -> &'static Environment {
    static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let platform = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
        let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../node_modules/onnxruntime-node/bin/napi-v6")
            .join(platform)
            .join(machine);
        let library = std::fs::read_dir(&folder)
            .expect("npm has installed onnxruntime-node")
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.to_string_lossy().contains("libonnxruntime"))
            .expect("onnxruntime-node has a library");
        let environment = ort::init_from(library).unwrap().with_telemetry(false).build().unwrap();
        environment.set_log_level(LogLevel::Fatal);
        environment
    })
}

/// This crate as a library, which cargo builds beside its tests.
fn example_operators() -> PathBuf {
    let extension = if cfg!(target_os = "macos") { "dylib" } else { "so" };
    let tests = std::env::current_exe().unwrap();
    tests.with_file_name(format!("libexample_operators.{extension}"))
}

/// A session with the operators of the examples; its failure is ONNX Runtime's text.
pub fn session(graph: &Graph) -> Result<Session, String> {
    Session::builder(environment())
        .unwrap()
        // Nodes are run as they are written, not as ONNX Runtime would fuse them.
        .with_optimization_level(GraphOptimizationLevel::Disable)
        .unwrap()
        .with_operator_library(example_operators())
        .map_err(|error| error.to_string())?
        .commit_from_memory(&graph.to_model())
        .map_err(|error| error.to_string())
}
