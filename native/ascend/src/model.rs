//! Models on a device.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::dataset::Dataset;
use crate::description::{Description, Port};
use crate::device::{Context, DeviceMemory, Stream};
use crate::fault::Fault;
use crate::library::{Library, call};
use crate::memory::{DeviceBuffer, HostBuffer};

/// A model that was loaded, with the memory of one run, which is allocated once. It computes one run after the other, on any thread.
///
/// Its parts are dropped in the order in which they stand here, which is the one that AscendCL asks for.
pub struct Model {
    /// What it takes.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
    input_dataset: Dataset,
    output_dataset: Dataset,
    input_memory: Memory,
    output_memory: Memory,
    loaded: Loaded,
    stream: Stream,
    /// Whether the stream may still do something that was queued.
    is_settled: bool,
    context: Context,
}

// SAFETY: AscendCL's handles may be used by any thread that has entered their context, as every method does, one at a time.
unsafe impl Send for Model {}

impl Model {
    /// Loads a model from its file onto a device.
    pub fn load(library: &Arc<Library>, path: &Path, device: i32) -> Result<Self, Fault> {
        let bytes = std::fs::read(path)
            .map_err(|error| Fault::Invalid(format!("{} cannot be read: {error}", path.display())))?;
        Self::from_bytes(library, &bytes, device)
    }

    /// Loads a model from memory onto a device. AscendCL copies what it needs.
    pub fn from_bytes(library: &Arc<Library>, bytes: &[u8], device: i32) -> Result<Self, Fault> {
        let context = Context::create(library, device)?;
        let stream = Stream::create(library)?;
        let loaded = Loaded::from_bytes(library, bytes)?;
        let description = Description::of(library, loaded.id)?;
        let (inputs, outputs) = (description.inputs()?, description.outputs()?);
        drop(description);
        let input_memory = Memory::of(library, &inputs)?;
        let output_memory = Memory::of(library, &outputs)?;
        Ok(Self {
            input_dataset: Dataset::over(library, &input_memory.device)?,
            output_dataset: Dataset::over(library, &output_memory.device)?,
            inputs,
            outputs,
            input_memory,
            output_memory,
            loaded,
            stream,
            is_settled: true,
            context,
        })
    }

    /// The memory of its device.
    pub fn device_memory(&self) -> Result<DeviceMemory, Fault> {
        self.context.enter()?;
        self.context.memory()
    }

    /// Computes all outputs from all inputs, both in the model's order, row-major.
    ///
    /// Fails with `DeadlineExceeded` past `limit`; what the device computes goes on then, and the next run waits for its end, within its own
    /// limit. Fails with `Invalid` for inputs of other sizes than the model's. After any failure the model can be run again.
    pub fn run(&mut self, inputs: &[&[u8]], limit: Option<Duration>) -> Result<Vec<Vec<u8>>, Fault> {
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        self.check(inputs)?;
        self.context.enter()?;
        self.settle(deadline)?;
        for (memory, bytes) in self.input_memory.host.iter_mut().zip(inputs) {
            memory.bytes_mut().copy_from_slice(bytes);
        }
        self.is_settled = false;
        self.queue()?;
        self.settle(deadline)?;
        Ok(self
            .output_memory
            .host
            .iter()
            .map(|memory| memory.bytes().to_vec())
            .collect())
    }

    fn check(&self, inputs: &[&[u8]]) -> Result<(), Fault> {
        if inputs.len() != self.inputs.len() {
            let text = format!(
                "{} inputs were given: the model takes {}",
                inputs.len(),
                self.inputs.len()
            );
            return Err(Fault::Invalid(text));
        }
        for (port, bytes) in self.inputs.iter().zip(inputs) {
            if bytes.len() != port.size_bytes {
                let (name, wanted) = (&port.name, port.size_bytes);
                let text = format!("input {name} has {} bytes: the model takes {wanted}", bytes.len());
                return Err(Fault::Invalid(text));
            }
        }
        Ok(())
    }

    fn queue(&mut self) -> Result<(), Fault> {
        for (host, device) in self.input_memory.host.iter().zip(&self.input_memory.device) {
            host.queue_to(device, &self.stream)?;
        }
        let library = self.context.library();
        let (inputs, outputs) = (self.input_dataset.handle, self.output_dataset.handle);
        // SAFETY: the model is loaded in the context that was entered; datasets and their memory live until the stream is settled.
        unsafe { call!(library.aclmdlExecuteAsync(self.loaded.id, inputs, outputs, self.stream.handle)) }?;
        for (host, device) in self.output_memory.host.iter_mut().zip(&self.output_memory.device) {
            host.queue_from(device, &self.stream)?;
        }
        Ok(())
    }

    /// Waits until nothing that was queued uses the model's memory any more.
    fn settle(&mut self, deadline: Option<Instant>) -> Result<(), Fault> {
        if !self.is_settled {
            self.stream.synchronize(deadline)?;
            self.is_settled = true;
        }
        Ok(())
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        let entered = self.context.enter();
        // A stream that cannot be waited for has failed: what was queued in it does not go on.
        let settled = self.settle(None);
        let library = self.context.library();
        library.released(entered);
        library.released(settled);
    }
}

/// A model in AscendCL.
struct Loaded {
    library: Arc<Library>,
    id: u32,
}

impl Loaded {
    fn from_bytes(library: &Arc<Library>, bytes: &[u8]) -> Result<Self, Fault> {
        let mut id = 0;
        // SAFETY: the bytes are as many as is said, and the number is written to a variable of its type.
        unsafe { call!(library.aclmdlLoadFromMem(bytes.as_ptr().cast(), bytes.len(), &mut id)) }?;
        Ok(Self {
            library: Arc::clone(library),
            id,
        })
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        let library = &self.library;
        // SAFETY: nothing that is queued uses it.
        library.released(unsafe { call!(library.aclmdlUnload(self.id)) });
    }
}

/// Memory of a model's inputs or outputs, in their order, on both sides.
struct Memory {
    device: Vec<DeviceBuffer>,
    host: Vec<HostBuffer>,
}

impl Memory {
    fn of(library: &Arc<Library>, ports: &[Port]) -> Result<Self, Fault> {
        let device = ports
            .iter()
            .map(|port| DeviceBuffer::allocate(library, port.size_bytes));
        let device = device.collect::<Result<_, _>>()?;
        let host = ports.iter().map(|port| HostBuffer::allocate(library, port.size_bytes));
        Ok(Self {
            device,
            host: host.collect::<Result<_, _>>()?,
        })
    }
}
