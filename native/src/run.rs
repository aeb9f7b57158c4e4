//! Runs of a model.

use std::ptr;
use std::sync::{Arc, PoisonError};

use ort::AsPointer;
use ort::logging::LogLevel;
use ort::session::RunOptions;
use ort::sys::OrtValue;

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

/// An output that is asked for.
pub struct Wanted<'memory> {
    /// The model's name of it.
    pub name: String,
    /// Where it shall lie; `None`: in memory of its own.
    pub place: Option<Place<'memory>>,
}

/// Memory of the caller's for an output.
pub struct Place<'memory> {
    /// The shape that the output is going to have.
    pub shape: Vec<i64>,
    /// As many as a tensor of that shape has, where its elements may lie; no input and no other output lies in them.
    pub bytes: &'memory mut [u8],
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
    /// Computes outputs, in the order asked for; `None` stands for one that was written into its place.
    ///
    /// Fails with MODEL_RUN_FAILED and ONNX Runtime's text, with RUN_CANCELLED, with INVALID_ARGUMENT for names and bytes that do not
    /// fit, and with UNSUPPORTED for outputs that cannot cross. An output of another shape than its place's fails the run.
    pub fn run<Bytes: AsRef<[u8]>>(
        &self,
        inputs: &[Input<Bytes>],
        wanted: &mut [Wanted],
        cancellation: &Cancellation,
    ) -> Result<Vec<Option<Output>>, Fault> {
        let input_names = inputs.iter().map(|input| find("input", &self.inputs, &input.name));
        let input_names: Vec<_> = input_names.collect::<Result<_, _>>()?;
        let outputs = wanted.iter().map(|output| find("output", &self.outputs, &output.name));
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
        let placed = wanted
            .iter_mut()
            .zip(&outputs)
            .map(|(output, port)| self.placed(output, port));
        let placed: Vec<Option<Value>> = placed.collect::<Result<_, _>>()?;

        // One run after the other; what panicked while it ran has left nothing half-done here.
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let options = Arc::new(run_options()?);
        let results = cancellation.watch(&options, || {
            self.compute(&options, &input_names, &values, &outputs, &placed)
        })?;
        let read = outputs.iter().zip(results).map(|(port, result)| match result {
            Computed::Placed => Ok(None),
            Computed::Made(value) => read(port, value).map(Some),
        });
        read.collect()
    }

    fn value_of<Bytes>(&self, input: &Input<Bytes>, bytes: &[u8]) -> Result<Value, Fault> {
        let made = if input.element == ElementType::STRING {
            Value::of_strings(bytes, &input.shape)
        } else {
            Value::over(bytes, input.element, &input.shape, &self.memory)
        };
        made.map_err(|fault| Fault::new(fault.code, format!("input {}: {}", input.name, fault.text)))
    }

    fn placed(&self, output: &mut Wanted, port: &Port) -> Result<Option<Value>, Fault> {
        let Some(place) = &mut output.place else {
            return Ok(None);
        };
        let unfit = |fault: Fault| {
            Fault::new(
                fault.code,
                format!("the place of output {}: {}", output.name, fault.text),
            )
        };
        let element = port
            .element
            .ok_or_else(|| unfit(Fault::invalid("it is no tensor that can cross")))?;
        Value::writing_to(place.bytes, element, &place.shape, &self.memory)
            .map(Some)
            .map_err(unfit)
    }

    fn compute(
        &self,
        options: &RunOptions,
        input_ports: &[&Port],
        values: &[Value],
        output_ports: &[&Port],
        placed: &[Option<Value>],
    ) -> Result<Vec<Computed>, Fault> {
        let input_names: Vec<_> = input_ports.iter().map(|port| port.c_name.as_ptr()).collect();
        let output_names: Vec<_> = output_ports.iter().map(|port| port.c_name.as_ptr()).collect();
        let inputs: Vec<_> = values.iter().map(Value::as_ptr).collect();
        // ONNX Runtime writes into the values that are there, and makes those that are not.
        let place = |value: &Option<Value>| {
            value
                .as_ref()
                .map_or(ptr::null_mut(), |value| value.as_ptr().cast_mut())
        };
        let mut results: Vec<*mut OrtValue> = placed.iter().map(place).collect();
        // SAFETY: names, values and results are as many as is said and live until this returns; the bytes of inputs and places are borrowed
        // by our caller for as long. ONNX Runtime does not write to a session that computes.
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
        let computed = results.into_iter().zip(placed).map(|(value, placed)| match placed {
            Some(_) => Computed::Placed,
            None => Computed::Made(Value::from_raw(value).ok()),
        });
        let computed = computed.collect();
        run_failed(status)?;
        Ok(computed)
    }
}

/// What a run has done with an output.
enum Computed {
    Placed,
    /// `None`: it has not even made it.
    Made(Option<Value>),
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::library::tests::bundled;
    use crate::model::LoadOptions;
    use crate::provider::Provider;

    const ROWS: i64 = 3;
    const CLASSES: usize = 10;

    fn digits() -> Model {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../test/models/digits/digits-2.onnx");
        let options = LoadOptions {
            path: path.to_string_lossy().into_owned(),
            provider: Provider::Cpu,
            device: 0,
            intra_op_threads: 1,
            operator_libraries: Vec::new(),
        };
        Model::load(bundled(), &options).unwrap()
    }

    fn pixels() -> Vec<Input<Vec<u8>>> {
        let count = usize::try_from(ROWS).unwrap() * 64;
        let values = (0..count).flat_map(|index| ((index % 17) as f32).to_ne_bytes());
        vec![Input {
            name: "pixels".to_owned(),
            element: ElementType::from_number(1).unwrap(),
            shape: vec![ROWS, 64],
            bytes: values.collect(),
        }]
    }

    fn probabilities<'memory>(shape: &[i64], words: &'memory mut [u64]) -> Wanted<'memory> {
        let length = shape.iter().product::<i64>() as usize * 4;
        // SAFETY: the words have more bytes than that, and every byte is one.
        let bytes = unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), length) };
        let shape = shape.to_vec();
        Wanted {
            name: "probabilities".to_owned(),
            place: Some(Place { shape, bytes }),
        }
    }

    #[test]
    fn an_output_with_a_place_is_computed_there_and_is_what_it_is_without_one() {
        let (model, mut words) = (digits(), [u64::MAX; 64]);
        let mut wanted = [probabilities(&[ROWS, CLASSES as i64], &mut words)];
        let port = find("output", &model.outputs, "probabilities").unwrap();
        let value = model.placed(&mut wanted[0], port).unwrap().unwrap();
        let start = wanted[0].place.as_ref().unwrap().bytes.as_ptr();
        // What ONNX Runtime is given to write to is the place itself.
        let written = value.bytes(port.element.unwrap(), &[ROWS, CLASSES as i64]).unwrap();
        assert_eq!(written.as_ptr(), start);
        let outputs = model.run(&pixels(), &mut wanted, &Cancellation::default()).unwrap();
        assert!(outputs[0].is_none());
        let placed = wanted[0].place.take().unwrap().bytes.to_vec();

        let outputs = model.run(&pixels(), &mut wanted, &Cancellation::default()).unwrap();
        let output = outputs[0].as_ref().unwrap();
        let OutputBytes::InPlace(value) = &output.bytes else {
            panic!("numbers are no strings");
        };
        assert_eq!(value.bytes(output.element, &output.shape).unwrap(), placed);
        // Nothing behind the place was touched.
        assert!(
            words[(ROWS as usize * CLASSES).div_ceil(2)..]
                .iter()
                .all(|&word| word == u64::MAX)
        );
    }

    #[test]
    fn a_place_of_another_shape_fails_the_run_and_is_not_written_beyond() {
        let (model, mut words) = (digits(), [u64::MAX; 64]);
        for shape in [[ROWS - 1, 10], [ROWS + 1, 10]] {
            let mut wanted = [probabilities(&shape, &mut words)];
            let fault = model
                .run(&pixels(), &mut wanted, &Cancellation::default())
                .err()
                .unwrap();
            assert_eq!(fault.code, FaultCode::ModelRunFailed, "{}", fault.text);
            assert!(words.iter().all(|&word| word == u64::MAX));
        }
    }

    #[test]
    fn places_that_cannot_hold_the_output_are_refused() {
        let (model, mut words) = (digits(), [0; 64]);
        let refused = |wanted: &mut [Wanted]| {
            let fault = model.run(&pixels(), wanted, &Cancellation::default()).err().unwrap();
            assert_eq!(fault.code, FaultCode::InvalidArgument);
            fault.text
        };
        let mut short = [probabilities(&[ROWS, 9], &mut words)];
        short[0].place.as_mut().unwrap().shape = vec![ROWS, 10];
        assert!(refused(&mut short).contains("the place of output probabilities: 108 bytes are not a tensor"));
        let mut odd = [probabilities(&[ROWS, 10], &mut words)];
        let place = odd[0].place.take().unwrap();
        odd[0].place = Some(Place {
            shape: vec![1, 10],
            bytes: &mut place.bytes[1..41],
        });
        assert!(refused(&mut odd).contains("does not begin at a multiple of 4 bytes"));
    }
}
