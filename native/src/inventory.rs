//! What an ONNX Runtime library can use: its providers, and the devices that they have found.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char};
use std::{ptr, slice};

use ort::AsPointer;
use ort::memory::DeviceType;

use crate::fault::{Fault, FaultCode};
use crate::library::Library;
use crate::model;
use crate::provider::Provider;

/// A device that a provider can use.
#[derive(Debug)]
pub struct Device {
    /// Slipway's name of the provider, or ONNX Runtime's where it is none of ours.
    pub provider: String,
    /// `cpu`, `gpu` or `npu`.
    pub kind: &'static str,
    /// Who made it; empty where that is not known.
    pub vendor: String,
    /// The vendor's number of the model, not an index.
    pub model_id: u32,
    /// What else ONNX Runtime knows of it, by its own names.
    pub metadata: BTreeMap<String, String>,
}

/// A provider that the library was built with.
#[derive(Debug)]
pub struct ProviderState {
    /// Which.
    pub provider: Provider,
    /// Why it cannot be used here; `None` when it can.
    pub problem: Option<String>,
}

/// Tries each provider that the library was built with. That loads what they need, drivers included, and is for a process that ends soon.
pub fn probe(library: &Library) -> Vec<ProviderState> {
    let named = library
        .providers
        .iter()
        .filter_map(|name| Provider::from_name(name).ok());
    named
        .map(|provider| ProviderState {
            provider,
            problem: model::registered(library, provider, 0).err().map(|fault| fault.text),
        })
        .collect()
}

/// Slipway's names of the providers that the library was built with, in its order.
pub fn providers() -> Result<Vec<String>, Fault> {
    let (mut names, mut count) = (ptr::null_mut(), 0);
    // SAFETY: both are written before they are read.
    let status = unsafe { (ort::api().GetAvailableProviders)(&mut names, &mut count) };
    checked(status)?;
    // SAFETY: ONNX Runtime answers so many strings, which live until they are released below.
    let providers = unsafe { slice::from_raw_parts(names.cast_const(), usize::try_from(count).unwrap_or(0)) }
        .iter()
        .filter_map(|&name| Provider::from_ort_name(&text(name)))
        .map(|provider| provider.name().to_owned())
        .collect();
    // SAFETY: as above, and nobody has them any more.
    checked(unsafe { (ort::api().ReleaseAvailableProviders)(names, count) })?;
    Ok(providers)
}

/// The devices that the library has found.
pub fn devices(library: &Library) -> Vec<Device> {
    let found = library.environment().devices();
    found
        .map(|device| {
            let provider = device.ep().unwrap_or_default();
            let hardware = device.hardware_device();
            let kind = match hardware.ty() {
                DeviceType::GPU => "gpu",
                DeviceType::NPU => "npu",
                _ => "cpu",
            };
            Device {
                provider: Provider::from_ort_name(provider)
                    .map_or(provider, |ours| ours.name())
                    .to_owned(),
                kind,
                vendor: hardware.vendor().unwrap_or_default().to_owned(),
                model_id: hardware.id(),
                metadata: metadata(hardware.ptr()),
            }
        })
        .collect()
}

fn metadata(device: *const ort::sys::OrtHardwareDevice) -> BTreeMap<String, String> {
    let (mut keys, mut values, mut count) = (ptr::null(), ptr::null(), 0);
    // SAFETY: the device is one that the library has just told of, and the pairs belong to it.
    unsafe {
        let pairs = (ort::api().HardwareDevice_Metadata)(device);
        if pairs.is_null() {
            return BTreeMap::new();
        }
        (ort::api().GetKeyValuePairs)(pairs, &mut keys, &mut values, &mut count);
    }
    (0..count)
        // SAFETY: both arrays have so many strings.
        .map(|index| unsafe { (text(*keys.add(index)), text(*values.add(index))) })
        .collect()
}

fn text(string: *const c_char) -> String {
    if string.is_null() {
        return String::new();
    }
    // SAFETY: ONNX Runtime's strings end with a zero byte.
    unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned()
}

fn checked(status: ort::sys::OrtStatusPtr) -> Result<(), Fault> {
    // SAFETY: the status comes from the library, and is read once.
    unsafe { ort::Error::result_from_status(status) }
        .map_err(|error| Fault::from_ort(FaultCode::LibraryUnusable, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tests::bundled;

    #[test]
    fn the_processor_can_be_used() {
        let states = probe(bundled());
        let processor = states.iter().find(|state| state.provider == Provider::Cpu);
        assert_eq!(processor.and_then(|state| state.problem.as_deref()), None, "{states:?}");
        assert!(processor.is_some());
    }

    #[test]
    fn the_processor_is_a_device() {
        let devices = devices(bundled());
        let processor = devices.iter().find(|device| device.provider == "cpu");
        assert_eq!(processor.map(|device| device.kind), Some("cpu"), "{devices:?}");
    }
}
