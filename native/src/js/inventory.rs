//! What a library can use, for JavaScript.

use std::collections::HashMap;
use std::path::Path;

use napi::bindgen_prelude::Env;
use napi_derive::napi;

use crate::inventory;
use crate::js::errors::answer;
use crate::library::Library;

/// An ONNX Runtime library and what it can use here.
#[napi(object, object_from_js = false)]
pub struct LibraryDescription {
    /// Such as `1.30.0`.
    pub version: String,
    /// The providers that it was built with.
    pub providers: Vec<ProviderDescription>,
    /// What they have found.
    pub devices: Vec<DeviceDescription>,
}

/// A provider that a library was built with.
#[napi(object, object_from_js = false)]
pub struct ProviderDescription {
    /// Slipway's name.
    pub name: String,
    /// Why it cannot be used here; absent when it can.
    pub problem: Option<String>,
}

/// A device that a provider can use.
#[napi(object, object_from_js = false)]
pub struct DeviceDescription {
    /// Slipway's name of the provider, or ONNX Runtime's where it is none of ours.
    pub provider: String,
    /// `cpu`, `gpu` or `npu`.
    pub kind: String,
    /// Who made it; empty where that is not known.
    pub vendor: String,
    /// The vendor's number of the model.
    pub model_id: u32,
    /// What else is known of it, by ONNX Runtime's names.
    pub metadata: HashMap<String, String>,
}

/// [sync] Opens an ONNX Runtime library for this process. The same one again does nothing.
///
/// Throws LIBRARY_UNUSABLE: none, an older one, or another than the one that is open.
#[napi]
pub fn open_library(env: Env, path: String) -> napi::Result<()> {
    answer(&env, || Library::open(Path::new(&path)).map(|_| ()))
}

/// [sync] Tells what the library that is open can use here. It tries every provider, which loads drivers: for a process that ends soon.
///
/// Throws LIBRARY_UNUSABLE before one was opened.
#[napi]
pub fn describe_library(env: Env) -> napi::Result<LibraryDescription> {
    answer(&env, || {
        let library = Library::current()?;
        let providers = inventory::probe(library).into_iter().map(|state| ProviderDescription {
            name: state.provider.name().to_owned(),
            problem: state.problem,
        });
        let devices = inventory::devices(library).into_iter().map(|device| DeviceDescription {
            provider: device.provider,
            kind: device.kind.to_owned(),
            vendor: device.vendor,
            model_id: device.model_id,
            metadata: device.metadata.into_iter().collect(),
        });
        Ok(LibraryDescription {
            version: library.version.clone(),
            providers: providers.collect(),
            devices: devices.collect(),
        })
    })
}
