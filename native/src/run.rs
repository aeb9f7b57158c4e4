//! Runs of a model.

use std::ptr;
use std::sync::{Arc, PoisonError};

use ort::AsPointer;
use ort::logging::LogLevel;
use ort::session::RunOptions;

use crate::cancellation::Cancellation;
use crate::element::ElementType;
use crate::fault::{Fault, FaultCode};
use crate::model::{Model, Port};
use crate::value::{Value, run_failed};

/// An input: the bytes are read where they lie.
pub struct Input<Bytes> {
    /// The model's name of it.
    pub name: String,
    /// What its elements are.
    pub element: ElementType,
    /// No size is free.
    pub shape: Vec<i64>,
    /// Row-major; strings as [`crate::strings`] has them.
    pub bytes: Bytes,
}

/// An output, in memory of its own.
pub struct Output {
    /// What its elements are.
    pub element: ElementType,
    /// Its sizes.
    pub shape: Vec<i64>,
    /// Row-major.
    pub bytes: OutputBytes,
}

/// Where an output lies.
pub enum OutputBytes {
    /// Strings, as [`crate::strings`] has them.
    Written(Vec<u8>),
    /// In a tensor of ONNX Runtime.
    InPlace(Value),
}

impl Model {
    /// Computes outputs, in the order asked for.
    ///
    /// Fails with MODEL_RUN_FAILED and ONNX Runtime's text, with RUN_CANCELLED, with INVALID_ARGUMENT for names and bytes that do not
    /// fit, and with UNSUPPORTED for outputs that cannot cross.
    pub fn run<Bytes: AsRef<[u8]>>(
        &self,
        inputs: &[Input<Bytes>],
        output_names: &[String],
        cancellation: &Cancellation,
    ) -> Result<Vec<Output>, Fault> {
        let input_names = inputs.iter().map(|input| find("input", &self.inputs, &input.name));
        let input_names: Vec<_> = input_names.collect::<Result<_, _>>()?;
        let outputs = output_names.iter().map(|name| find("output", &self.outputs, name));
        let outputs: Vec<_> = outputs.collect::<Result<_, _>>()?;
        let aligned: Vec<_> = inputs
            .iter()
            .map(|input| Aligned::new(input.bytes.as_ref(), input.element))
            .collect();
        let values = inputs
            .iter()
            .zip(&aligned)
            .map(|(input, aligned)| self.value_of(input, aligned.bytes()));
        let values: Vec<Value> = values.collect::<Result<_, _>>()?;

        // One run after the other; what panicked while it ran has left nothing half-done here.
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let options = Arc::new(run_options()?);
        let results = cancellation.watch(&options, || self.compute(&options, &input_names, &values, &outputs))?;
        outputs
            .iter()
            .zip(results)
            .map(|(port, value)| read(port, value))
            .collect()
    }

    fn value_of<Bytes>(&self, input: &Input<Bytes>, bytes: &[u8]) -> Result<Value, Fault> {
        let made = if input.element == ElementType::STRING {
            Value::of_strings(bytes, &input.shape)
        } else {
            Value::over(bytes, input.element, &input.shape, &self.memory)
        };
        made.map_err(|fault| Fault::new(fault.code, format!("input {}: {}", input.name, fault.text)))
    }

    fn compute(
        &self,
        options: &RunOptions,
        input_ports: &[&Port],
        values: &[Value],
        output_ports: &[&Port],
    ) -> Result<Vec<Option<Value>>, Fault> {
        let input_names: Vec<_> = input_ports.iter().map(|port| port.c_name.as_ptr()).collect();
        let output_names: Vec<_> = output_ports.iter().map(|port| port.c_name.as_ptr()).collect();
        let inputs: Vec<_> = values.iter().map(Value::as_ptr).collect();
        let mut results = vec![ptr::null_mut(); output_ports.len()];
        // SAFETY: names, values and results are as many as is said and live until this returns; the inputs' bytes are borrowed by our
        // caller for as long. ONNX Runtime does not write to a session that computes.
        let status = unsafe {
            (ort::api().Run)(
                self.session.ptr().cast_mut(),
                options.ptr(),
                input_names.as_ptr(),
                inputs.as_ptr(),
                inputs.len(),
                output_names.as_ptr(),
                output_names.len(),
                results.as_mut_ptr(),
            )
        };
        // Whatever was made is ours, whether the run succeeded or not.
        let results = results.into_iter().map(|value| Value::from_raw(value).ok()).collect();
        run_failed(status)?;
        Ok(results)
    }
}

fn run_options() -> Result<RunOptions, Fault> {
    RunOptions::new()
        .and_then(|mut options| options.set_log_level(LogLevel::Fatal).map(|()| options))
        .map_err(|error| Fault::from_ort(FaultCode::ModelRunFailed, &error))
}

/// The port with this name. Fails with INVALID_ARGUMENT and the names that there are.
pub fn find<'model>(kind: &str, ports: &'model [Port], name: &str) -> Result<&'model Port, Fault> {
    ports.iter().find(|port| port.name == name).ok_or_else(|| {
        let names: Vec<_> = ports.iter().map(|port| port.name.as_str()).collect();
        Fault::invalid(format!("the model has no {kind} {name}: it has {}", names.join(", ")))
    })
}

/// Bytes where elements of their type may lie: where they are, or in a copy.
enum Aligned<'bytes> {
    InPlace(&'bytes [u8]),
    Copied { words: Vec<u64>, length: usize },
}

impl<'bytes> Aligned<'bytes> {
    fn new(bytes: &'bytes [u8], element: ElementType) -> Self {
        let size = element.size_bytes();
        if size < 2 || bytes.as_ptr().addr().is_multiple_of(size) {
            return Self::InPlace(bytes);
        }
        let words = bytes.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_ne_bytes(word)
        });
        Self::Copied {
            words: words.collect(),
            length: bytes.len(),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::InPlace(bytes) => bytes,
            // SAFETY: the words hold at least so many bytes, and every byte of them is one.
            Self::Copied { words, length } => unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), *length) },
        }
    }
}

fn read(port: &Port, value: Option<Value>) -> Result<Output, Fault> {
    let name = &port.name;
    let value =
        value.ok_or_else(|| Fault::new(FaultCode::ModelRunFailed, format!("the model gave no output {name}")))?;
    let named = |fault: Fault| Fault::new(fault.code, format!("output {name}: {}", fault.text));
    let (element, shape) = value.describe().map_err(named)?;
    let bytes = if element == ElementType::STRING {
        OutputBytes::Written(value.strings(&shape).map_err(named)?)
    } else {
        OutputBytes::InPlace(value)
    };
    Ok(Output { element, shape, bytes })
}
