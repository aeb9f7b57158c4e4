//! Offline models of Ascend, in the terms of this addon.

use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use slipway_ascend::description::Port as AscendPort;
use slipway_ascend::device::Context;
use slipway_ascend::fault::Fault as AscendFault;
use slipway_ascend::library::Library;
use slipway_ascend::model::Model;

use crate::element::ElementType;
use crate::fault::{Fault, FaultCode};
use crate::model::Port;
use crate::run::{Input, Output, OutputBytes, find};

static OPENED: OnceLock<(PathBuf, Arc<Library>)> = OnceLock::new();
static OPENING: Mutex<()> = Mutex::new(());

/// Opens AscendCL for this process; the same library again does nothing. Fails with LIBRARY_UNUSABLE.
///
/// Opening runs code of the library: whoever names it is trusted.
pub fn open(path: &Path) -> Result<(), Fault> {
    let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((opened, _)) = OPENED.get() {
        if opened == path {
            return Ok(());
        }
        let (opened, wanted) = (opened.display(), path.display());
        let text = format!("this process has opened {opened} already and cannot open {wanted}, too");
        return Err(Fault::new(FaultCode::LibraryUnusable, text));
    }
    let library = Library::open(path).map_err(unusable)?;
    OPENED.get_or_init(|| (path.to_owned(), library));
    Ok(())
}

/// What AscendCL can use here.
pub struct AscendDescription {
    /// The kind of processor on the devices.
    pub processor: String,
    /// The memory of each device, in bytes.
    pub device_memory: Vec<usize>,
}

/// Tells what AscendCL can use here. Fails with LIBRARY_UNUSABLE, also when there is no device.
pub fn describe() -> Result<AscendDescription, Fault> {
    let library = opened()?;
    let count = library.device_count().map_err(unusable)?;
    if count == 0 {
        return Err(Fault::new(FaultCode::LibraryUnusable, "AscendCL finds no device"));
    }
    let memory_of = |device| Context::create(library, device)?.memory();
    let device_memory = (0..count.cast_signed()).map(|device| Ok(memory_of(device).map_err(unusable)?.total_bytes));
    Ok(AscendDescription {
        device_memory: device_memory.collect::<Result<_, Fault>>()?,
        processor: library.processor().map_err(unusable)?,
    })
}

/// A model on a device of Ascend. It computes one run after the other.
pub struct OfflineModel {
    /// What it takes.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
    model: Mutex<Model>,
}

impl OfflineModel {
    /// Loads a model from its file onto a device. Fails with MODEL_LOAD_FAILED, with UNSUPPORTED for free sizes and for types that cannot
    /// cross, and with LIBRARY_UNUSABLE before AscendCL was opened.
    pub fn load(path: &Path, device: i32) -> Result<Self, Fault> {
        let model = Model::load(opened()?, path, device).map_err(|fault| match fault {
            AscendFault::Unsupported(text) => Fault::new(FaultCode::Unsupported, text),
            fault => Fault::new(FaultCode::ModelLoadFailed, fault.to_string()),
        })?;
        Ok(Self {
            inputs: ports(&model.inputs)?,
            outputs: ports(&model.outputs)?,
            model: Mutex::new(model),
        })
    }

    /// Computes outputs, in the order asked for.
    ///
    /// Fails with MODEL_RUN_FAILED and AscendCL's text, with RUN_CANCELLED past the limit, and with INVALID_ARGUMENT for inputs that are not the
    /// model's.
    pub fn run<Bytes: AsRef<[u8]>>(
        &self,
        inputs: &[Input<Bytes>],
        output_names: &[String],
        limit: Option<Duration>,
    ) -> Result<Vec<Output>, Fault> {
        for input in inputs {
            find("input", &self.inputs, &input.name)?;
        }
        let ordered: Vec<_> = self
            .inputs
            .iter()
            .map(|port| given(port, inputs))
            .collect::<Result<_, _>>()?;
        let wanted: Vec<_> = output_names
            .iter()
            .map(|name| find("output", &self.outputs, name))
            .collect::<Result<_, _>>()?;
        // What panicked while it ran has left nothing half-done here.
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let results = model.run(&ordered, limit).map_err(run_failed)?;
        Ok(wanted.into_iter().map(|port| self.output(port, &results)).collect())
    }

    fn output(&self, port: &Port, results: &[Vec<u8>]) -> Output {
        let bytes = self
            .outputs
            .iter()
            .zip(results)
            .find(|(other, _)| other.name == port.name);
        Output {
            element: port.element.expect("every port has one"),
            shape: port.shape.clone(),
            bytes: OutputBytes::Written(bytes.map(|(_, bytes)| bytes.clone()).unwrap_or_default()),
        }
    }
}

/// The bytes that are given for a port, if they are what it takes.
fn given<'inputs, Bytes: AsRef<[u8]>>(port: &Port, inputs: &'inputs [Input<Bytes>]) -> Result<&'inputs [u8], Fault> {
    let Port { name, shape, .. } = port;
    let input = inputs
        .iter()
        .find(|input| input.name == *name)
        .ok_or_else(|| Fault::invalid(format!("input {name} is missing")))?;
    if input.shape != *shape {
        return Err(Fault::invalid(format!(
            "input {name} has shape {:?}: the model was converted for {shape:?}",
            input.shape
        )));
    }
    if Some(input.element) != port.element {
        return Err(Fault::invalid(format!(
            "input {name} has elements of another type than the model's"
        )));
    }
    Ok(input.bytes.as_ref())
}

fn ports(ports: &[AscendPort]) -> Result<Vec<Port>, Fault> {
    ports.iter().map(port).collect()
}

fn port(port: &AscendPort) -> Result<Port, Fault> {
    let number = port.element_type.unwrap_or_default();
    let element = ElementType::from_number(number).map_err(|_| {
        let text = format!("{} has elements of a type that cannot be carried", port.name);
        Fault::new(FaultCode::Unsupported, text)
    })?;
    let c_name = CString::new(port.name.as_str()).expect("it was a string of C");
    Ok(Port {
        name: port.name.clone(),
        c_name,
        element: Some(element),
        shape: port.shape.clone(),
        // No size is free.
        symbols: vec![String::new(); port.shape.len()],
    })
}

fn opened() -> Result<&'static Arc<Library>, Fault> {
    let opened = OPENED.get().map(|(_, library)| library);
    opened.ok_or_else(|| Fault::new(FaultCode::LibraryUnusable, "no AscendCL was opened yet"))
}

fn unusable(fault: AscendFault) -> Fault {
    Fault::new(FaultCode::LibraryUnusable, fault.to_string())
}

fn run_failed(fault: AscendFault) -> Fault {
    let code = match fault {
        AscendFault::DeadlineExceeded => FaultCode::RunCancelled,
        AscendFault::Invalid(_) => FaultCode::InvalidArgument,
        _ => FaultCode::ModelRunFailed,
    };
    Fault::new(code, fault.to_string())
}
