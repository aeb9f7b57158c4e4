//! What a model can run on: ONNX Runtime's execution providers, by Slipway's names.

use ort::ep::{self, ExecutionProviderDispatch};

use crate::fault::{Fault, FaultCode};

/// What a model runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The processor.
    Cpu,
    /// NVIDIA GPUs.
    Cuda,
    /// NVIDIA GPUs, compiled; what it cannot take runs on CUDA.
    TensorRt,
    /// Huawei Ascend.
    Cann,
    /// Intel.
    OpenVino,
}

impl Provider {
    const ALL: [Self; 5] = [Self::Cpu, Self::Cuda, Self::TensorRt, Self::Cann, Self::OpenVino];

    /// The provider with this name. Fails with INVALID_ARGUMENT.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|provider| provider.name() == name)
            .ok_or_else(|| Fault::invalid(format!("there is no provider {name}: use one of {}", names())))
    }

    /// The provider that ONNX Runtime calls so, if it is one of ours.
    pub fn from_ort_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.ort_name() == name)
    }

    /// Slipway's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::TensorRt => "tensorrt",
            Self::Cann => "cann",
            Self::OpenVino => "openvino",
        }
    }

    fn ort_name(self) -> &'static str {
        match self {
            Self::Cpu => "CPUExecutionProvider",
            Self::Cuda => "CUDAExecutionProvider",
            Self::TensorRt => "TensorrtExecutionProvider",
            Self::Cann => "CANNExecutionProvider",
            Self::OpenVino => "OpenVINOExecutionProvider",
        }
    }

    /// Fails with PROVIDER_UNAVAILABLE when a library with these providers lacks it.
    pub fn require(self, available: &[String]) -> Result<(), Fault> {
        if available.iter().any(|name| name == self.name()) {
            return Ok(());
        }
        let text = format!(
            "the ONNX Runtime library has no provider {}: it has {}",
            self.name(),
            available.join(", ")
        );
        Err(Fault::new(FaultCode::ProviderUnavailable, text))
    }

    /// What to register with a session, the most wanted first; none for the processor, which is always there.
    pub fn dispatches(self, device: i32) -> Vec<ExecutionProviderDispatch> {
        let cuda = || ep::CUDA::default().with_device_id(device).build();
        let wanted = match self {
            Self::Cpu => vec![],
            Self::Cuda => vec![cuda()],
            Self::TensorRt => vec![ep::TensorRT::default().with_device_id(device).build(), cuda()],
            Self::Cann => vec![ep::CANN::default().with_device_id(device).build()],
            Self::OpenVino => vec![ep::OpenVINO::default().build()],
        };
        // Silently on the processor instead is what nobody asked for.
        wanted
            .into_iter()
            .map(ExecutionProviderDispatch::error_on_failure)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back() {
        for provider in Provider::ALL {
            assert_eq!(Provider::from_name(provider.name()), Ok(provider));
            assert_eq!(Provider::from_ort_name(provider.ort_name()), Some(provider));
        }
        assert_eq!(Provider::from_ort_name("XnnpackExecutionProvider"), None);
    }

    #[test]
    fn what_is_missing_is_told_with_what_is_there() {
        let available = ["cpu".to_owned(), "openvino".to_owned()];
        assert_eq!(Provider::OpenVino.require(&available), Ok(()));
        let fault = Provider::Cuda.require(&available).unwrap_err();
        assert_eq!(fault.code, FaultCode::ProviderUnavailable);
        assert_eq!(
            fault.text,
            "the ONNX Runtime library has no provider cuda: it has cpu, openvino"
        );
    }
}
