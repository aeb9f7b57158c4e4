//! Models, for JavaScript.

use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use napi::Task;
use napi::bindgen_prelude::{Array, AsyncTask, Env, Object, Uint8Array, Uint8ArraySlice};
use napi_derive::napi;

use crate::cancellation::Cancellation;
use crate::deadlines::Deadline;
use crate::fault::{Fault, FaultCode, contained};
use crate::js::errors::{answer, thrown};
use crate::js::tensors::{Placement, read_inputs, read_wanted, write_outputs};
use crate::library::Library;
use crate::model::{LoadOptions, Model, Port};
use crate::provider::Provider;
use crate::run::{Output, Wanted};
use crate::sealed_library::seal;

/// How a model is loaded.
#[napi(object, object_to_js = false)]
pub struct ModelOptions {
    /// The model's file; what it refers to lies beside it.
    pub path: String,
    /// `cpu`, `cuda`, `tensorrt`, `cann` or `openvino`.
    pub provider: String,
    /// Which of the provider's devices.
    pub device: Option<i32>,
    /// Threads of one run on the processor, 1 or more.
    pub intra_op_threads: u32,
    /// Libraries from which the model may take operators, as `sealLibrary` answers them.
    pub operator_libraries: Option<Vec<String>>,
}

/// An input or an output of a model.
#[napi(object, object_from_js = false)]
pub struct PortDescription {
    /// Its name.
    pub name: String,
    /// A number of ONNX's `TensorProto.DataType`; absent for what cannot cross.
    pub element_type: Option<i32>,
    /// -1 where a size is free.
    pub shape: Vec<i64>,
    /// The model's names of the sizes that are free, one an axis; empty where it has none. Axes of one name have one size.
    pub symbols: Vec<String>,
}

/// [sync] A path from which these very bytes are opened as a library, whatever becomes of the file that they come from.
///
/// `digest`: theirs, which the caller has checked. Throws UNSUPPORTED where the system cannot do that.
#[napi]
pub fn seal_library(env: Env, digest: String, bytes: Uint8ArraySlice) -> napi::Result<String> {
    answer(&env, || seal(&digest, &bytes))
}

/// [async] Loads a model into the library that is open, on a thread of the pool.
///
/// Rejects with MODEL_LOAD_FAILED, PROVIDER_UNAVAILABLE, INVALID_ARGUMENT, or LIBRARY_UNUSABLE before one was opened.
#[napi(ts_return_type = "Promise<NativeSession>")]
pub fn load_model(options: ModelOptions) -> AsyncTask<Load> {
    AsyncTask::new(Load(options))
}

/// A model that is being loaded.
pub struct Load(ModelOptions);

impl Task for Load {
    type Output = Result<Model, Fault>;
    type JsValue = NativeSession;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(contained(|| Model::load(Library::current()?, &load_options(&self.0)?)))
    }

    fn resolve(&mut self, env: Env, loaded: Self::Output) -> napi::Result<NativeSession> {
        let model = loaded.map_err(|fault| thrown(&env, fault))?;
        Ok(NativeSession {
            held: Mutex::new(Some(Held {
                model: Arc::new(model),
                runs: None,
            })),
        })
    }
}

/// [async] Writes a model as the library that is open runs it on the processor, its weights in a file beside `into`, on a thread of the pool.
///
/// What is loaded from there shares the memory of its weights. Rejects as `loadModel`.
#[napi]
pub fn prepare_model(options: ModelOptions, into: String) -> AsyncTask<Prepare> {
    AsyncTask::new(Prepare(options, into))
}

/// A model that is being prepared.
pub struct Prepare(ModelOptions, String);

impl Task for Prepare {
    type Output = Result<(), Fault>;
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(contained(|| {
            Model::prepare(Library::current()?, &load_options(&self.0)?, Path::new(&self.1))
        }))
    }

    fn resolve(&mut self, env: Env, prepared: Self::Output) -> napi::Result<()> {
        prepared.map_err(|fault| thrown(&env, fault))
    }
}

fn load_options(options: &ModelOptions) -> Result<LoadOptions, Fault> {
    let intra_op_threads = options.intra_op_threads as usize;
    if intra_op_threads == 0 {
        return Err(Fault::invalid("intraOpThreads is 0: a run has at least one thread"));
    }
    Ok(LoadOptions {
        path: options.path.clone(),
        provider: Provider::from_name(&options.provider)?,
        device: options.device.unwrap_or(0),
        intra_op_threads,
        operator_libraries: options.operator_libraries.clone().unwrap_or_default(),
    })
}

/// Cancels a run that it was given to.
#[napi]
#[derive(Default)]
pub struct RunCancellation(Arc<Cancellation>);

#[napi]
impl RunCancellation {
    /// For one run.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// [sync] The run fails with RUN_CANCELLED, as soon as the node of the graph that computes has ended.
    #[napi]
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// A model that was loaded. It computes one run after the other.
#[napi]
pub struct NativeSession {
    held: Mutex<Option<Held>>,
}

struct Held {
    model: Arc<Model>,
    /// To the thread that runs; started by the first run that needs it, and ended with this.
    runs: Option<Sender<Job>>,
}

type Job = Box<dyn FnOnce() + Send>;

#[napi]
impl NativeSession {
    /// [sync] What the model takes.
    #[napi(getter)]
    pub fn inputs(&self, env: Env) -> napi::Result<Vec<PortDescription>> {
        answer(&env, || Ok(describe(&self.model()?.inputs)))
    }

    /// [sync] What the model gives.
    #[napi(getter)]
    pub fn outputs(&self, env: Env) -> napi::Result<Vec<PortDescription>> {
        answer(&env, || Ok(describe(&self.model()?.outputs)))
    }

    /// [sync] Computes outputs on the calling thread, which waits; `null` stands for one that was written into its place.
    ///
    /// `limit_ms`: past it the run is cancelled. `places`: memory for outputs, one for each name or none. Throws MODEL_RUN_FAILED, RUN_CANCELLED, INVALID_ARGUMENT or UNSUPPORTED.
    #[napi(ts_return_type = "(NativeOutput | null)[]")]
    pub fn run_here<'env>(
        &self,
        env: &'env Env,
        #[napi(ts_arg_type = "NativeInput[]")] inputs: Array<'env>,
        output_names: Vec<String>,
        limit_ms: Option<f64>,
        #[napi(ts_arg_type = "(NativePlace | undefined)[]")] places: Option<Array<'env>>,
    ) -> napi::Result<Array<'env>> {
        answer(env, || {
            let model = self.model()?;
            let inputs = read_inputs::<Uint8ArraySlice>(&inputs)?;
            let mut wanted = read_wanted(output_names, places.as_ref())?;
            let cancellation = Arc::new(Cancellation::default());
            let _deadline = deadline(limit_ms, &cancellation);
            let outputs = model.run(&inputs, &mut wanted, &cancellation)?;
            write_outputs(env, &model, outputs, Placement::Copied)
        })
    }

    /// [async] Computes outputs on the session's own thread, in the order in which they were asked for.
    ///
    /// The inputs' memory must neither be written to nor transferred before it has settled. Its time until `limit_ms` begins with the
    /// call. Rejects as `runHere` throws.
    #[napi(ts_return_type = "Promise<NativeOutput[]>")]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        #[napi(ts_arg_type = "NativeInput[]")] inputs: Array<'env>,
        output_names: Vec<String>,
        limit_ms: Option<f64>,
        cancellation: Option<&RunCancellation>,
    ) -> napi::Result<Object<'env>> {
        let cancellation = cancellation.map_or_else(Arc::default, |given| Arc::clone(&given.0));
        let (model, inputs, runs) = answer(env, || {
            Ok((self.model()?, read_inputs::<Uint8Array>(&inputs)?, self.runs()?))
        })?;
        let deadline = deadline(limit_ms, &cancellation);
        let (deferred, promise) = env.create_deferred()?;
        let job = move || {
            let outcome = contained(|| model.run(&inputs, &mut elsewhere(output_names), &cancellation));
            drop(deadline);
            deferred.resolve(move |env: Env| settle(env, &model, outcome, inputs));
        };
        // The thread ends with this session, which has a caller now.
        let _ = runs.send(Box::new(job));
        Ok(promise)
    }

    /// [sync] Gives the model up. It goes when its last run and the last of its outputs have. Idempotent.
    #[napi]
    pub fn release(&self) {
        *self.lock() = None;
    }

    fn model(&self) -> Result<Arc<Model>, Fault> {
        let held = self.lock();
        held.as_ref().map(|held| Arc::clone(&held.model)).ok_or_else(released)
    }

    fn runs(&self) -> Result<Sender<Job>, Fault> {
        let mut held = self.lock();
        let held = held.as_mut().ok_or_else(released)?;
        if let Some(runs) = &held.runs {
            return Ok(runs.clone());
        }
        let (runs, waiting) = mpsc::channel::<Job>();
        thread::Builder::new()
            .name("slipway-runs".into())
            .spawn(move || waiting.into_iter().for_each(|job| job()))
            .map_err(|error| {
                Fault::new(
                    FaultCode::ModelRunFailed,
                    format!("the system gives no thread: {error}"),
                )
            })?;
        Ok(held.runs.insert(runs).clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// On JavaScript's thread, where the inputs' memory may be let go.
fn settle(
    env: Env,
    model: &Arc<Model>,
    outcome: Result<Vec<Option<Output>>, Fault>,
    inputs: impl Sized,
) -> napi::Result<Object<'static>> {
    drop(inputs);
    let written = contained(|| {
        let array = write_outputs(&env, model, outcome?, Placement::InPlace)?;
        Ok(Object::from_raw(env.raw(), napi::bindgen_prelude::JsValue::raw(&array)))
    });
    written.map_err(|fault| thrown(&env, fault))
}

/// Outputs that lie in memory of their own.
fn elsewhere(names: Vec<String>) -> Vec<Wanted<'static>> {
    names.into_iter().map(|name| Wanted { name, place: None }).collect()
}

fn deadline(limit_ms: Option<f64>, cancellation: &Arc<Cancellation>) -> Option<Deadline> {
    let limit = Duration::try_from_secs_f64(limit_ms? / 1000.0).ok()?;
    Some(Deadline::arm(Instant::now().checked_add(limit)?, cancellation))
}

/// What JavaScript is told of inputs or outputs.
pub fn describe(ports: &[Port]) -> Vec<PortDescription> {
    let described = ports.iter().map(|port| PortDescription {
        name: port.name.clone(),
        element_type: port.element.map(|element| element.number()),
        shape: port.shape.clone(),
        symbols: port.symbols.clone(),
    });
    described.collect()
}

fn released() -> Fault {
    Fault::invalid("the model was released")
}
