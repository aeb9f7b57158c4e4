//! Offline models of Ascend, for JavaScript.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use napi::Task;
use napi::bindgen_prelude::{Array, AsyncTask, Env, Uint8ArraySlice};
use napi_derive::napi;

use crate::fault::{Fault, contained};
use crate::js::errors::{answer, thrown};
use crate::js::session::{PortDescription, describe};
use crate::js::tensors::{Placement, read_inputs, write_outputs};
use crate::offline::{self, OfflineModel};

/// What AscendCL can use here.
#[napi(object, object_from_js = false)]
pub struct AscendDescription {
    /// The kind of processor on the devices.
    pub processor: String,
    /// The memory of each device, in bytes.
    pub device_memory_bytes: Vec<f64>,
}

/// [sync] Opens AscendCL for this process. The same library again does nothing.
///
/// Throws LIBRARY_UNUSABLE: none, one that cannot be initialised, or another than the one that is open.
#[napi]
pub fn open_ascend(env: Env, path: String) -> napi::Result<()> {
    answer(&env, || offline::open(Path::new(&path)))
}

/// [sync] Tells which devices AscendCL has, and takes each of them for a moment.
///
/// Throws LIBRARY_UNUSABLE before it was opened, and when there is no device.
#[napi]
pub fn describe_ascend(env: Env) -> napi::Result<AscendDescription> {
    answer(&env, || {
        let described = offline::describe()?;
        Ok(AscendDescription {
            processor: described.processor,
            device_memory_bytes: described.device_memory.into_iter().map(|bytes| bytes as f64).collect(),
        })
    })
}

/// [async] Loads an offline model (`.om`) into AscendCL, on a thread of the pool.
///
/// Rejects with MODEL_LOAD_FAILED, UNSUPPORTED, or LIBRARY_UNUSABLE before AscendCL was opened.
#[napi(ts_return_type = "Promise<OfflineSession>")]
pub fn load_offline_model(path: String, device: i32) -> AsyncTask<LoadOffline> {
    AsyncTask::new(LoadOffline { path, device })
}

/// An offline model that is being loaded.
pub struct LoadOffline {
    path: String,
    device: i32,
}

impl Task for LoadOffline {
    type Output = Result<OfflineModel, Fault>;
    type JsValue = OfflineSession;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(contained(|| OfflineModel::load(Path::new(&self.path), self.device)))
    }

    fn resolve(&mut self, env: Env, loaded: Self::Output) -> napi::Result<OfflineSession> {
        let model = loaded.map_err(|fault| thrown(&env, fault))?;
        Ok(OfflineSession {
            held: Mutex::new(Some(Arc::new(model))),
        })
    }
}

/// An offline model that was loaded.
#[napi]
pub struct OfflineSession {
    held: Mutex<Option<Arc<OfflineModel>>>,
}

#[napi]
impl OfflineSession {
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

    /// [sync] Computes outputs, while the calling thread waits.
    ///
    /// `limit_ms`: past it the thread waits no longer; what the device computes goes on, and the next run waits for its end, too. Throws
    /// MODEL_RUN_FAILED, RUN_CANCELLED or INVALID_ARGUMENT.
    #[napi(ts_return_type = "NativeOutput[]")]
    pub fn run_here<'env>(
        &self,
        env: &'env Env,
        #[napi(ts_arg_type = "NativeInput[]")] inputs: Array<'env>,
        output_names: Vec<String>,
        limit_ms: Option<f64>,
    ) -> napi::Result<Array<'env>> {
        answer(env, || {
            let model = self.model()?;
            let inputs = read_inputs::<Uint8ArraySlice>(&inputs)?;
            let limit = limit_ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok());
            let outputs = model.run(&inputs, &output_names, limit)?;
            write_outputs(env, &model, outputs.into_iter().map(Some).collect(), Placement::Copied)
        })
    }

    /// [sync] Gives the model up, and waits for a run that goes on past its limit. Idempotent.
    #[napi]
    pub fn release(&self) {
        *self.lock() = None;
    }

    fn model(&self) -> Result<Arc<OfflineModel>, Fault> {
        let held = self.lock().clone();
        held.ok_or_else(|| Fault::invalid("the model was released"))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<OfflineModel>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
