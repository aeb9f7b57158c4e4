//! Models in memory.

use std::ffi::CString;
use std::path::Path;
use std::sync::Mutex;

use ort::logging::LogLevel;
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::{Outlet, ValueType};

use crate::element::ElementType;
use crate::fault::{Fault, FaultCode};
use crate::library::Library;
use crate::provider::Provider;

/// How a model is loaded.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The model's file; what it refers to lies beside it.
    pub path: String,
    /// What it runs on.
    pub provider: Provider,
    /// Which of the provider's devices.
    pub device: i32,
    /// Threads of one run on the processor, 1 or more.
    pub intra_op_threads: usize,
    /// Paths of libraries from which the model may take operators. Loading it runs their code: whoever names them has looked at them.
    pub operator_libraries: Vec<String>,
}

/// An input or an output.
#[derive(Debug)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// The name as C has it.
    pub c_name: CString,
    /// `None` for what is no tensor, and for types that cannot cross.
    pub element: Option<ElementType>,
    /// -1 where a size is free.
    pub shape: Vec<i64>,
    /// The model's names of the sizes that are free; empty where it has none.
    pub symbols: Vec<String>,
}

/// A model that was loaded. It computes one run after the other.
pub struct Model {
    /// ONNX Runtime's session.
    pub session: Session,
    /// What it takes.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
    /// Where inputs lie.
    pub memory: MemoryInfo<'static>,
    /// Held by the run that goes on: allocators of some providers are for one thread at a time.
    pub turn: Mutex<()>,
}

impl Model {
    /// Loads a model from a file. Fails with MODEL_LOAD_FAILED or PROVIDER_UNAVAILABLE.
    ///
    /// ONNX Runtime maps weights that lie in files of their own, and copies those that lie in the model's.
    pub fn load(library: &Library, options: &LoadOptions) -> Result<Self, Fault> {
        options.provider.require(&library.providers)?;
        let session = builder(library, options)?
            .commit_from_file(Path::new(&options.path))
            .map_err(|error| Fault::from_ort(FaultCode::ModelLoadFailed, &error))?;
        let memory = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::Default);
        Ok(Self {
            inputs: ports(session.inputs())?,
            outputs: ports(session.outputs())?,
            memory: memory.map_err(|error| Fault::from_ort(FaultCode::ModelLoadFailed, &error))?,
            turn: Mutex::new(()),
            session,
        })
    }

    /// Writes a model as this library runs it on the processor of this machine: optimised, its weights as its kernels want them, in a file
    /// of their own beside `into`. Sessions that are loaded from there have the weights mapped and share their memory, in whichever processes
    /// they are. Fails with MODEL_LOAD_FAILED or PROVIDER_UNAVAILABLE.
    pub fn prepare(library: &Library, options: &LoadOptions, into: &Path) -> Result<(), Fault> {
        let failed = |error: ort::Error<SessionBuilder>| Fault::from_ort(FaultCode::ModelLoadFailed, &error.into());
        let mut builder = builder(library, options)?
            .with_optimized_model_path(into)
            .map_err(failed)?;
        for (key, value) in PREPARED {
            builder = builder.with_config_entry(key, value).map_err(failed)?;
        }
        let session = builder.commit_from_file(Path::new(&options.path));
        session
            .map(drop)
            .map_err(|error| Fault::from_ort(FaultCode::ModelLoadFailed, &error))
    }
}

/// How ONNX Runtime writes a model that is prepared: weights below the least size stay in the model's file, and kernels' own layouts of weights
/// are written, too, so that no session has to make them in memory of its own.
const PREPARED: [(&str, &str); 3] = [
    ("session.optimized_model_external_initializers_file_name", "weights.bin"),
    (
        "session.optimized_model_external_initializers_min_size_in_bytes",
        "1024",
    ),
    ("session.save_external_prepacked_constant_initializers", "1"),
];

/// A session to be, on a provider. Fails with PROVIDER_UNAVAILABLE when what the provider needs is not there.
pub fn registered(library: &Library, provider: Provider, device: i32) -> Result<SessionBuilder, Fault> {
    let unavailable = |error: &ort::Error| {
        let fault = Fault::from_ort(FaultCode::ProviderUnavailable, error);
        Fault::new(
            fault.code,
            format!("{} cannot be used: {}", provider.name(), fault.text),
        )
    };
    Session::builder(library.environment())
        .map_err(|error| unavailable(&error))?
        .with_execution_providers(provider.dispatches(device))
        .map_err(|error| unavailable(&error.into()))
}

fn builder(library: &Library, options: &LoadOptions) -> Result<SessionBuilder, Fault> {
    let failed = |error: ort::Error<SessionBuilder>| Fault::from_ort(FaultCode::ModelLoadFailed, &error.into());
    let mut session = registered(library, options.provider, options.device)?;
    for path in &options.operator_libraries {
        session = session.with_operator_library(path).map_err(failed)?;
    }
    session
        .with_intra_threads(options.intra_op_threads)
        .map_err(failed)?
        .with_inter_threads(1)
        .map_err(failed)?
        .with_parallel_execution(false)
        .map_err(failed)?
        .with_optimization_level(GraphOptimizationLevel::All)
        .map_err(failed)?
        .with_log_level(LogLevel::Fatal)
        .map_err(failed)
}

fn ports(outlets: &[Outlet]) -> Result<Vec<Port>, Fault> {
    outlets.iter().map(port).collect()
}

fn port(outlet: &Outlet) -> Result<Port, Fault> {
    let name = outlet.name().to_owned();
    let c_name = CString::new(name.as_str())
        .map_err(|_| Fault::new(FaultCode::ModelLoadFailed, "a name in the model has a zero byte"))?;
    let (element, shape, symbols) = match outlet.dtype() {
        ValueType::Tensor {
            ty,
            shape,
            dimension_symbols,
        } => {
            let number = ort::sys::ONNXTensorElementDataType::from(*ty) as i32;
            let element = ElementType::from_number(number).ok();
            (element, shape.to_vec(), dimension_symbols.to_vec())
        }
        _ => (None, vec![], vec![]),
    };
    Ok(Port {
        name,
        c_name,
        element,
        shape,
        symbols,
    })
}
